package dev.rekindle.api;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FunctionSettingsTest {
  private static final String REQUIRED = "'runtime':'python3','handler':'app.handler'";

  @Test
  void parse_requiredFieldsOnly_fillsInTheDefaults() {
    FunctionSettings settings = parse("{" + REQUIRED + "}");

    assertThat(settings).isEqualTo(FunctionSettings.of("python3", "app.handler"));
    assertThat(settings.memoryMb()).isEqualTo(256);
    assertThat(settings.timeoutMs()).isEqualTo(30_000);
    assertThat(settings.environment()).isEmpty();
    assertThat(settings.maxInstances()).isEqualTo(20);
    assertThat(settings.idleSeconds()).isNull();
    assertThat(settings.restoreMode()).isEqualTo(RestoreMode.AUTO);
    assertThat(settings.warmup().events()).isEmpty();
    assertThat(settings.warmup().rounds()).isZero();
    assertThat(settings.warmup().training()).isFalse();
    assertThat(settings.policy().name()).isEqualTo("adaptive");
    assertThat(settings.policy().parameters()).isEmpty();
  }

  @Test
  void parse_everyField_equalsTheRecordThatWroteIt() {
    assertThat(FunctionSettings.parse(Json.write(WireSamples.SETTINGS)))
        .isEqualTo(WireSamples.SETTINGS);
  }

  @Test
  void parse_numbersInEvents_areKeptDigitForDigit() {
    FunctionSettings settings =
        parse("{" + REQUIRED + ",'warmup':{'rounds':1,'events':[1.0,1.50,12345678901234567890]}}");

    assertThat(new String(Json.write(settings.warmup().events()), UTF_8))
        .isEqualTo("[1.0,1.50,12345678901234567890]");
  }

  @ParameterizedTest
  @CsvSource({
    "memoryMb, 32, 10240",
    "timeoutMs, 1, 900000",
    "maxInstances, 1, 1000",
    "idleSeconds, 0, 86400"
  })
  void parse_number_isTakenInItsRangeOnly(String field, int minimum, int maximum) {
    for (int good : new int[] {minimum, maximum}) {
      String json = new String(Json.write(parse(with(field, "" + good))), UTF_8);
      assertThat(json).contains("\"" + field + "\":" + good + ",");
    }
    for (String bad : new String[] {"" + (minimum - 1), "" + (maximum + 1), "99999999999"}) {
      InvalidFieldException invalid = invalid(with(field, bad));
      assertThat(invalid.field()).isEqualTo(field);
      assertThat(invalid.problem()).contains("out of range");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "memoryMb|'256'|memoryMb|a whole number",
        "memoryMb|256.5|memoryMb|a whole number",
        "timeoutMs|null|timeoutMs|a whole number",
        "maxInstances|[1]|maxInstances|a whole number",
        "idleSeconds|true|idleSeconds|a whole number",
        "environment|[]|environment|an object",
        "environment|{'A':1}|environment.A|a string",
        "restoreMode|1|restoreMode|a string",
        "warmup|1|warmup|an object",
        "warmup|{'events':{}}|warmup.events|an array",
        "warmup|{'rounds':'3'}|warmup.rounds|a whole number",
        "warmup|{'events':[1],'training':1}|warmup.training|true or false",
        "policy|'adaptive'|policy|an object",
        "policy|{'name':1}|policy.name|a string",
        "policy|{'name':'a','parameters':[]}|policy.parameters|an object",
        "policy|{'name':'a','shadow':'b'}|policy.shadow|an object",
        "policy|{'name':'a','shadow':{'name':1}}|policy.shadow.name|a string",
        "policy|{'name':'a','parameters':{'x':null}}|policy.parameters.x|a number, string or"
            + " boolean",
        "policy|{'name':'a','parameters':{'x':[1]}}|policy.parameters.x|a number, string or"
            + " boolean",
      },
      quoteCharacter = '`')
  void parse_wrongType_namesFieldAndType(String name, String value, String field, String wanted) {
    InvalidFieldException invalid = invalid(with(name, value));

    assertThat(invalid.field()).isEqualTo(field);
    assertThat(invalid.fix()).isEqualTo("Send " + wanted + ".");
    assertThat(invalid.code()).isEqualTo(ProblemCode.INVALID_FIELD);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "restoreMode|'eagerly'|restoreMode",
        "restoreMode|'EAGER'|restoreMode",
        "warmup|{'rounds':100001,'events':[1]}|warmup.rounds",
        "warmup|{'rounds':-1}|warmup.rounds",
        "warmup|{'rounds':1}|warmup.events",
        "warmup|{'training':true}|warmup.events",
        "policy|{}|policy.name",
        "policy|{'name':' '}|policy.name",
        "policy|{'name':'a','shadow':{}}|policy.shadow.name",
        "policy|{'name':'a','shadow':{'name':''}}|policy.shadow.name",
        "policy|{'name':'a','shadow':{'name':'b','parameters':{'x':1e999}}}|policy.shadow.parameters.x",
        "policy|{'name':'a','parameters':{'x':1e999}}|policy.parameters.x",
        "policy|{'name':'a','parameters':{'':1}}|policy.parameters",
        "environment|{'1A':''}|environment",
        "environment|{'A-B':''}|environment",
        "environment|{'':''}|environment",
        "environment|{'A':'x\\u0000'}|environment.A",
        "environment|{'REKINDLE_SOCKET':''}|environment.REKINDLE_SOCKET",
        "environment|{'AWS_LAMBDA_FUNCTION_NAME':''}|environment.AWS_LAMBDA_FUNCTION_NAME",
        "environment|{'LAMBDA_TASK_ROOT':''}|environment.LAMBDA_TASK_ROOT",
        "environment|{'LAMBDA_RUNTIME_DIR':''}|environment.LAMBDA_RUNTIME_DIR",
        "environment|{'_X_AMZN_TRACE_ID':''}|environment._X_AMZN_TRACE_ID",
        "environment|{'_HANDLER':''}|environment._HANDLER",
      },
      quoteCharacter = '`')
  void parse_invalidValue_namesTheField(String name, String value, String field) {
    InvalidFieldException invalid = invalid(with(name, value));

    assertThat(invalid.field()).isEqualTo(field);
    assertThat(invalid.fix()).endsWith(".");
  }

  @ParameterizedTest
  @CsvSource({"runtime, 64", "handler, 1024"})
  void parse_requiredText_isTakenInItsRangeOnly(String field, int longest) {
    String other = field.equals("runtime") ? "'handler':'h'" : "'runtime':'r'";

    parse("{" + other + ",'" + field + "':'" + "x".repeat(longest) + "'}");
    for (String bad : new String[] {"", " ", "a\\nb", "x".repeat(longest + 1)}) {
      assertThat(invalid("{" + other + ",'" + field + "':'" + bad + "'}").field()).isEqualTo(field);
    }
    assertThat(invalid("{" + other + "}").problem()).isEqualTo("is missing");
  }

  @Test
  void parse_environmentWithLogSettings_isTaken() {
    String variables = "{'AWS_LAMBDA_LOG_FORMAT':'JSON','AWS_LAMBDA_LOG_LEVEL':'DEBUG'}";
    assertThat(parse(with("environment", variables)).environment())
        .containsEntry("AWS_LAMBDA_LOG_FORMAT", "JSON")
        .containsEntry("AWS_LAMBDA_LOG_LEVEL", "DEBUG");
  }

  @Test
  void parse_environmentOfTheGreatestSize_isTaken() {
    // "A" and two bytes for each letter: 1 + 2 * 2047 = 4095, and one more byte fits.
    String largest = "ü".repeat(2_047) + "x";
    assertThat(parse(with("environment", "{'A':'" + largest + "'}")).environment())
        .isEqualTo(Map.of("A", largest));

    assertThat(invalid(with("environment", "{'A':'" + largest + "x'}")).problem())
        .contains("4097 bytes");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "memoryMB|memoryMB|Did you mean memoryMb?",
        "timeout|timeout|Did you mean timeoutMs?",
        "enviroment|enviroment|Did you mean environment?",
      })
  void parse_unknownField_namesTheNearest(String name, String field, String fix) {
    InvalidFieldException invalid = invalid(with(name, "1"));

    assertThat(invalid.field()).isEqualTo(field);
    assertThat(invalid.problem()).isEqualTo("is not a known field");
    assertThat(invalid.fix()).isEqualTo(fix);
  }

  @Test
  void parse_unknownNestedField_isNamedWithItsPath() {
    assertThat(invalid(with("warmup", "{'round':1}")).fix())
        .isEqualTo("Did you mean warmup.rounds?");
    assertThat(invalid(with("policy", "{'name':'a','params':{}}")).field())
        .isEqualTo("policy.params");
  }

  @Test
  void parse_codeInSettings_isUnknown() {
    assertThat(invalid(with("code", "{'zip':''}")).field()).isEqualTo("code");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "1",
        "{",
        "{} {}",
        "{'runtime':'a','runtime':'b'}",
        "{'runtime':'\\ud800'}",
        "{'warmup':{'events':[{'\\udc00x':1}]}}",
        "{'memoryMb':1e99999999999}",
        "{'memoryMb':NaN}"
      })
  void parse_bodyThatIsNoObject_isAnInvalidRequest(String json) {
    InvalidFieldException invalid = invalid(json);

    assertThat(invalid.code()).isEqualTo(ProblemCode.INVALID_REQUEST);
    assertThat(invalid.problem()).doesNotContain("Source");
  }

  @Test
  void parse_deepNesting_isAnInvalidRequest() {
    String events = "[".repeat(100_000) + "]".repeat(100_000);

    assertThat(invalid(with("warmup", "{'events':" + events + "}")).code())
        .isEqualTo(ProblemCode.INVALID_REQUEST);
  }

  @Test
  void parse_bytesThatAreNotUtf8_isAnInvalidRequest() {
    byte[] latin1 = "{\"runtime\":\"\u00fc\"}".getBytes(ISO_8859_1);

    assertThatThrownBy(() -> FunctionSettings.parse(latin1))
        .isInstanceOf(InvalidFieldException.class)
        .hasMessageStartingWith("body: is not JSON");
  }

  @Test
  void functionName_outsideOfThePattern_isInvalid() {
    assertThat(new FunctionName("a_B-9").value()).isEqualTo("a_B-9");
    new FunctionName("x".repeat(63));
    for (String bad : new String[] {"", "-a", "_a", "a/b", "a.b", "ü", "a\n", "x".repeat(64)}) {
      assertThat(
              catchThrowableOfType(InvalidFieldException.class, () -> new FunctionName(bad))
                  .field())
          .isEqualTo("name");
    }
  }

  private static String with(String field, String value) {
    return "{" + REQUIRED + ",'" + field + "':" + value + "}";
  }

  private static FunctionSettings parse(String json) {
    return FunctionSettings.parse(json.replace('\'', '"').getBytes(UTF_8));
  }

  private static InvalidFieldException invalid(String json) {
    InvalidFieldException invalid =
        catchThrowableOfType(InvalidFieldException.class, () -> parse(json));
    assertThat(invalid).as(json.length() < 200 ? json : "long JSON").isNotNull();
    return invalid;
  }
}
