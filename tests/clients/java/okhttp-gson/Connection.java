import client.ApiClient;
import client.JSON;

class Connection {
  static ApiClient open(String baseUrl, String token) {
    var client = new ApiClient().setBasePath(baseUrl);
    client.setBearerToken(token);
    return client;
  }

  static <T> T decode(String text, Class<T> kind) {
    return JSON.getGson().fromJson(text, kind);
  }

  static String encode(Object value) {
    return JSON.getGson().toJson(value);
  }
}
