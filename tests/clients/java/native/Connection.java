import client.ApiClient;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.UncheckedIOException;

class Connection {
  static final ObjectMapper MAPPER = ApiClient.createDefaultObjectMapper();

  static ApiClient open(String baseUrl, String token) {
    var client = new ApiClient();
    client.updateBaseUri(baseUrl);
    return client.setRequestInterceptor(request -> request.header("Authorization", "Bearer " + token));
  }

  static <T> T decode(String text, Class<T> kind) {
    try {
      return MAPPER.readValue(text, kind);
    } catch (JsonProcessingException error) {
      throw new UncheckedIOException(error);
    }
  }

  static String encode(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException error) {
      throw new UncheckedIOException(error);
    }
  }
}
