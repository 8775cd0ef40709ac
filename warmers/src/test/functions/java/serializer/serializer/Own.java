package serializer;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.CustomPojoSerializer;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Reads and writes values in a way that no library has. */
public class Own implements CustomPojoSerializer {
  public record Parcel(String text) {}

  /** Wraps each event it gets. */
  public static class Handler implements RequestHandler<Parcel, List<Parcel>> {
    @Override
    public List<Parcel> handleRequest(Parcel parcel, Context context) {
      return List.of(parcel);
    }
  }

  @Override
  @SuppressWarnings("unchecked")
  public <T> T fromJson(InputStream json, Type type) {
    try {
      return (T) new Parcel(new String(json.readAllBytes(), StandardCharsets.UTF_8) + " as " + type.getTypeName());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public <T> T fromJson(String json, Type type) {
    throw new UnsupportedOperationException();
  }

  @Override
  public <T> void toJson(T value, OutputStream json, Type type) {
    try {
      json.write(("\"" + value + " as " + type.getTypeName() + "\"").getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
