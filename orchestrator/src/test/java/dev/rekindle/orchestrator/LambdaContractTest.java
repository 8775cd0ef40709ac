package dev.rekindle.orchestrator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rekindle.api.FunctionFailure;
import dev.rekindle.api.FunctionSettings;
import dev.rekindle.api.Headers;
import dev.rekindle.api.Json;
import dev.rekindle.api.PolicyChoice;
import dev.rekindle.api.ProblemCode;
import java.net.http.HttpResponse;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the service adds to the contract of handlers, whatever their runtime. */
class LambdaContractTest {
  /** What Lambda's Invoke takes in a response. */
  private static final int MAX_RESPONSE = 6_291_556;

  private static final String UUID = "\\p{XDigit}{8}-\\p{XDigit}{4}-4\\p{XDigit}{3}-.{17}";

  private static final String SOURCE =
      """
      import os
      initialization = os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE")
      def handler(event, context):
          do = event.get("do") if isinstance(event, dict) else None
          if do == "grow":
              return "x" * event["size"]
          if do == "bytes":
              return bytes([0, 255])
          if do == "fail":
              raise ValueError("no luck")
          if do == "tell":
              client = context.client_context
              return {"id": context.aws_request_id, "arn": context.invoked_function_arn,
                      "tenant": context.tenant_id, "client": client and client.custom,
                      "identity": context.identity.cognito_identity_id,
                      "trace": os.environ["_X_AMZN_TRACE_ID"],
                      "region": os.environ["AWS_REGION"],
                      "defaultRegion": os.environ["AWS_DEFAULT_REGION"],
                      "initialization": initialization,
                      "runtimeDir": os.environ["LAMBDA_RUNTIME_DIR"]}
          return event
      """;

  private static TestService service;

  @BeforeAll
  static void start() throws Exception {
    service = TestService.start(Map.of("region", "eu-west-1", "accountId", "210987654321"));
    deploy("shop", Sample.cold());
  }

  @AfterAll
  static void close() {
    service.close();
  }

  private static void deploy(String name, FunctionSettings how) {
    var unused = service.client().deploy(name, how, Sample.source(SOURCE));
  }

  private static HttpResponse<byte[]> invoke(String name, String event, String... headers)
      throws Exception {
    return service
        .http()
        .send("POST", "/v1/functions/" + name + "/invocations", Sample.event(event), headers);
  }

  private static JsonNode json(HttpResponse<byte[]> reply) throws Exception {
    return Json.mapper().readTree(reply.body());
  }

  private static String text(HttpResponse<byte[]> reply) {
    return new String(reply.body(), UTF_8);
  }

  @Test
  void context_hasIdsOfLambdasForm() throws Exception {
    HttpResponse<byte[]> reply = invoke("shop", "{'do':'tell'}");
    JsonNode told = json(reply);
    assertThat(told.path("id").asText())
        .matches(UUID)
        .isEqualTo(reply.headers().firstValue(Headers.REQUEST_ID).orElseThrow());
    assertThat(told.path("arn").asText())
        .isEqualTo("arn:aws:lambda:eu-west-1:210987654321:function:shop");
    assertThat(told.path("trace").asText())
        .matches("Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0");
    assertThat(told.path("region").asText()).isEqualTo("eu-west-1");
    assertThat(told.path("defaultRegion").asText()).isEqualTo("eu-west-1");
    assertThat(told.path("runtimeDir").asText()).isEqualTo("/rekindle/runtime");
    assertThat(told.path("initialization").asText()).isEqualTo("on-demand");
    assertThat(json(invoke("shop", "{'do':'tell'}")).path("trace"))
        .isNotEqualTo(told.path("trace"));
  }

  @Test
  void context_ofAClone_isThatOfItsOwnRequest() throws Exception {
    deploy("kept", Sample.settings(f -> f.put("environment", Map.of("AWS_REGION", "local-1"))));
    JsonNode cold = json(invoke("kept", "{'do':'tell'}"));
    service.awaitSnapshot("kept");
    service.evictAll("kept");
    HttpResponse<byte[]> reply = invoke("kept", "{'do':'tell'}", Headers.TRACE_ID, "Root=1-2-3");
    assertThat(reply.headers().firstValue(Headers.START)).hasValue("restored");
    JsonNode told = json(reply);
    assertThat(told.path("trace").asText()).isEqualTo("Root=1-2-3");
    assertThat(told.path("id").asText()).matches(UUID).isNotEqualTo(cold.path("id").asText());
    assertThat(told.path("initialization").asText()).isEqualTo("snap-start");
    assertThat(told.path("defaultRegion").asText()).isEqualTo("local-1");
    assertThat(told.path("arn").asText()).contains(":local-1:");
  }

  @Test
  void headers_reachTheHandler() throws Exception {
    String client =
        Base64.getEncoder().encodeToString("{\"custom\":{\"k\":\"ż\"}}".getBytes(UTF_8));
    JsonNode told =
        json(
            invoke(
                "shop",
                "{'do':'tell'}",
                Headers.CLIENT_CONTEXT,
                client,
                Headers.COGNITO_IDENTITY,
                "{\"cognitoIdentityId\":\"me\"}",
                Headers.TENANT_ID,
                "t1"));
    assertThat(told.path("client").path("k").asText()).isEqualTo("ż");
    assertThat(told.path("identity").asText()).isEqualTo("me");
    assertThat(told.path("tenant").asText()).isEqualTo("t1");
    assertThat(json(invoke("shop", "{'do':'tell'}")).path("tenant").isNull()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "X-Amz-Client-Context, %%%",
    "X-Amz-Client-Context, bm8ganNvbg==",
    "X-Amz-Client-Context, WzFd",
    "X-Amz-Cognito-Identity, x",
  })
  void header_unreadable_isRefusedByName(String header, String value) throws Exception {
    JsonNode problem =
        HttpCalls.assertProblem(invoke("shop", "{}", header, value), ProblemCode.INVALID_FIELD);
    assertThat(problem.path("detail").asText()).contains(header);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{'a':1,'a':2}", "{'b':{'a':0,'a':1},'a':3,'a':2,'b':5}"})
  void event_repeatsAKey_theLastWins(String event) throws Exception {
    assertThat(json(invoke("shop", event)).path("a").asInt()).isEqualTo(2);
  }

  @Test
  void document_repeatsAKey_isStillRefused() throws Exception {
    HttpResponse<byte[]> reply =
        service.http().json("PUT", "/v1/functions/shop/policy", "{'name':'cold','name':'cold'}");
    assertThat(reply.statusCode()).isEqualTo(400);
    assertThat(text(reply)).contains("uplicate");
  }

  @Test
  void response_upToLambdasLimit_isHandedOn_beyondItTheFunctionFails() throws Exception {
    int quotes = 2;
    HttpResponse<byte[]> largest =
        invoke("shop", "{'do':'grow','size':%d}".formatted(MAX_RESPONSE - quotes));
    assertThat(largest.body()).hasSize(MAX_RESPONSE);
    assertThat(largest.headers().firstValue(Headers.FUNCTION_ERROR)).isEmpty();
    HttpResponse<byte[]> larger =
        invoke("shop", "{'do':'grow','size':%d}".formatted(MAX_RESPONSE - quotes + 1));
    assertThat(larger.statusCode()).isEqualTo(200);
    assertThat(larger.headers().firstValue(Headers.FUNCTION_ERROR)).hasValue(Headers.UNHANDLED);
    FunctionFailure failure = Json.mapper().readValue(larger.body(), FunctionFailure.class);
    assertThat(failure.errorType()).isEqualTo("Function.ResponseSizeTooLarge");
    assertThat(failure.errorMessage()).contains("6291556 bytes");
    assertThat(larger.headers().firstValue(Headers.INSTANCE))
        .as("its instance goes on")
        .isEqualTo(invoke("shop", "{}").headers().firstValue(Headers.INSTANCE));
  }

  @Test
  void response_pastTheProtocolsLimit_isTheFunctionsFailureToo() throws Exception {
    HttpResponse<byte[]> reply = invoke("shop", "{'do':'grow','size':%d}".formatted(65 << 20));
    assertThat(text(reply)).contains("Function.ResponseSizeTooLarge");
    assertThat(text(invoke("shop", "{'n':1}"))).isEqualTo("{\"n\": 1}");
  }

  @Test
  void response_ofRawBytes_isHandedOnAsSuch() throws Exception {
    HttpResponse<byte[]> reply = invoke("shop", "{'do':'bytes'}");
    assertThat(reply.body()).isEqualTo(new byte[] {0, -1});
    assertThat(reply.headers().firstValue("Content-Type")).hasValue("application/octet-stream");
  }

  @Test
  void failure_namesItsRequest() throws Exception {
    HttpResponse<byte[]> reply = invoke("shop", "{'do':'fail'}");
    assertThat(json(reply).path("requestId").asText())
        .isEqualTo(reply.headers().firstValue(Headers.REQUEST_ID).orElseThrow());
    assertThat(text(reply))
        .startsWith("{\"errorMessage\":\"no luck\",\"errorType\":\"ValueError\"");
  }

  @Test
  void asynchronousEvent_pastLambdasLimit_isRefusedWithTheLimit() throws Exception {
    String event = "'" + "x".repeat((1 << 20) - 2) + "'";
    String[] prefer = {Headers.PREFER, Headers.RESPOND_ASYNC};
    assertThat(invoke("shop", event, prefer).statusCode()).isEqualTo(202);
    JsonNode problem =
        HttpCalls.assertProblem(invoke("shop", " " + event, prefer), ProblemCode.BODY_TOO_LARGE);
    assertThat(problem.path("detail").asText()).contains("1048576 bytes").contains("1048577 bytes");
  }

  @Test
  void log_inJson_isTheUsersChoice() throws Exception {
    deploy(
        "spoken",
        Sample.settings(
            f -> {
              f.put("environment", Map.of("AWS_LAMBDA_LOG_FORMAT", "JSON"));
              f.put("policy", new PolicyChoice("cold", Map.of()));
            }));
    HttpResponse<byte[]> reply = invoke("spoken", "{'do':'fail'}");
    JsonNode line = Json.mapper().readTree(service.http().get("/v1/functions/spoken/logs").body());
    assertThat(line.path("requestId").asText())
        .isEqualTo(reply.headers().firstValue(Headers.REQUEST_ID).orElseThrow());
    assertThat(line.path("errorMessage").asText()).isEqualTo("no luck");
  }

  @Test
  void processes_forkedWhileLoading_doNotHoldUpReadiness() throws Exception {
    String source =
        """
        import multiprocessing
        def square(x): return x * x
        pool = multiprocessing.Pool(2)
        def handler(event, context): return pool.map(square, range(5))
        """;
    service.client().deploy("pool", Sample.afterFirst(), Sample.source(source));
    assertThat(text(invoke("pool", "{}"))).isEqualTo("[0, 1, 4, 9, 16]");
    service.awaitSnapshot("pool");
    service.evictAll("pool");
    HttpResponse<byte[]> restored = invoke("pool", "{}");
    assertThat(text(restored)).isEqualTo("[0, 1, 4, 9, 16]");
    assertThat(restored.headers().firstValue(Headers.START)).hasValue("restored");
  }

  @Test
  void processes_thatOutliveAFailedLoad_doNotHideIt() throws Exception {
    String source =
        """
        import os, time
        if os.fork() == 0:
            time.sleep(3600)
        os._exit(9)
        """;
    service.client().deploy("orphans", Sample.cold(), Sample.source(source));
    assertThat(text(invoke("orphans", "{}"))).contains("Runtime.ExitError").contains("9");
  }

  @Test
  void httpFunction_thatNeverListens_failsByItsOwnTimeoutWithItsLastOutput() throws Exception {
    service
        .client()
        .deploy(
            "deaf",
            Sample.settings(
                f -> {
                  f.put("runtime", "http");
                  f.put("handler", "echo cannot find config.yaml; exec sleep 3600");
                  f.put("timeoutMs", 700);
                }),
            Sample.source(""));
    HttpResponse<byte[]> reply = service.http().get("/function/deaf/");
    assertThat(reply.statusCode()).isEqualTo(502);
    assertThat(text(reply)).contains("700 ms").contains("cannot find config.yaml");
  }
}
