import client.ApiException;
import client.api.ApiKeysApi;
import client.api.AssistantsApi;
import client.api.CallsApi;
import client.api.PhoneNumbersApi;
import client.model.*;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The story in a client that openapi-generator makes for Java; Connection is what its libraries differ in. */
public class Story {
  /** A request of refusals.json. */
  public static class Asked {
    public String operation;
    public String id;
    public String cursor;
    public String if_match;
    public Object body;
    public String expect;
  }

  interface Call {
    Object send() throws ApiException;
  }

  final AssistantsApi assistants;
  final PhoneNumbersApi phoneNumbers;
  final CallsApi calls;
  final ApiKeysApi apiKeys;

  Story(String token) {
    var client = Connection.open(System.getenv("BASE_URL"), token);
    assistants = new AssistantsApi(client);
    phoneNumbers = new PhoneNumbersApi(client);
    calls = new CallsApi(client);
    apiKeys = new ApiKeysApi(client);
  }

  public static void main(String[] arguments) throws Exception {
    new Story(System.getenv("API_TOKEN")).tell(System.getenv("NUMBERS").split(" "));
    System.exit(0); // the libraries' threads would keep the program for a minute
  }

  void tell(String[] numbers) throws Exception {
    var create = new CreateAssistant().accountSlug("my-team").name("Q1 Outbound Setter")
        .templateId(CreateAssistant.TemplateIdEnum.OUTBOUND_SETTER);
    var assistant = assistants.createAssistant(create, null, null, null).getAssistant();
    say("create", assistant.getType(), assistant.getTemperature(), assistant.getOutboundEnabled());

    var got = assistants.getAssistant(assistant.getId(), null).getAssistant();
    say("get", got.getName(), got.getCreatedAt().isEqual(assistant.getCreatedAt()));

    var voice = new UpdateAssistant().accountSlug("my-team").voiceId("EXAVITQu4vr4xnSDxMaL").recordingEnabled(true);
    var updated = assistants.updateAssistant(assistant.getId(), voice, null, null, null, null).getAssistant();
    say("update", updated.getVoiceId(), updated.getRecordingEnabled());

    var ids = new ArrayList<String>();
    for (var number : numbers) {
      var imported = new ImportPhoneNumber().accountSlug("my-team").phoneNumber(number);
      ids.add(phoneNumbers.importPhoneNumber(imported, null, null, null).getPhoneNumber().getId());
    }
    var assign = new AssignPhoneNumbers().accountSlug("my-team").phoneNumberIds(ids);
    say("assign", assistants.assignPhoneNumbers(assistant.getId(), assign, null, null, null, null).getSuccess());

    var route = calls.routeCall(numbers[0], null, null, null, null);
    say("route", route.getRouted(), route.getReason());
    var inbound = new UpdateAssistant().accountSlug("my-team").inboundEnabled(true);
    assistants.updateAssistant(assistant.getId(), inbound, null, null, null, null);
    route = calls.routeCall(numbers[0], null, null, null, null);
    say("route", route.getRouted(), route.getReason(), route.getAssistant().getName());

    var key = apiKeys.testApiKey(null).getApiKey();
    for (var asked : refusals(assistant.getId(), ids.get(0), key.getId())) {
      say("refuse", asked.operation, refusal(() -> send(asked)));
    }
    say("refuse testApiKey", refusal(() -> new Story("nobody").apiKeys.testApiKey(null)));

    var whole = assistants.getAssistant(assistant.getId(), null).getAssistant();
    var same = assistants.updateAssistant(whole.getId(), sentBack(whole, UpdateAssistant.class), null, null, null, null);
    say("send back assistant", same.getAssistant().getVersion().equals(whole.getVersion()));
    var number = phoneNumbers.getPhoneNumber(ids.get(0), null).getPhoneNumber();
    var kept = phoneNumbers.updatePhoneNumber(number.getId(), null, null, null, null, sentBack(number, UpdatePhoneNumber.class));
    say("send back phone number", assistant.getId().equals(kept.getPhoneNumber().getAssistantId()));
    var again = apiKeys.updateApiKey(key.getId(), null, null, null, null, null, sentBack(key, UpdateApiKey.class));
    say("send back API key", again.getApiKey().getIsActive());
  }

  Object send(Asked asked) throws ApiException {
    return switch (asked.operation) {
      case "getAssistant" -> assistants.getAssistant(asked.id, null);
      case "deleteAssistant" -> assistants.deleteAssistant(asked.id, null, null, null, null, null);
      case "createAssistant" -> assistants.createAssistant(body(asked, CreateAssistant.class), null, null, null);
      case "updateAssistant" ->
          assistants.updateAssistant(asked.id, body(asked, UpdateAssistant.class), asked.if_match, null, null, null);
      case "assignPhoneNumbers" ->
          assistants.assignPhoneNumbers(asked.id, body(asked, AssignPhoneNumbers.class), null, null, null, null);
      case "listAssistants" -> assistants.listAssistants(null, asked.cursor, null, null, null, null, null, null, null);
      case "getPhoneNumber" -> phoneNumbers.getPhoneNumber(asked.id, null);
      case "updatePhoneNumber" ->
          phoneNumbers.updatePhoneNumber(asked.id, null, null, null, null, body(asked, UpdatePhoneNumber.class));
      case "deletePhoneNumber" -> phoneNumbers.deletePhoneNumber(asked.id, null, null, null, null, null);
      case "routeCall" -> calls.routeCall(asked.id, null, null, null, null);
      case "updateApiKey" -> apiKeys.updateApiKey(asked.id, null, null, null, null, null, body(asked, UpdateApiKey.class));
      case "deleteApiKey" -> apiKeys.deleteApiKey(asked.id, null, null, null, null, null);
      default -> "is no operation of this program";
    };
  }

  static String refusal(Call call) {
    try {
      return "200 " + call.send();
    } catch (ApiException refused) {
      var body = Connection.decode(refused.getResponseBody(), Refusal.class);
      return refused.getCode() + " " + body.getCode();
    }
  }

  static List<Asked> refusals(String assistant, String number, String key) throws Exception {
    var text = Files.readString(Path.of(System.getenv("REFUSALS")))
        .replace("$ASSISTANT", assistant).replace("$NUMBER", number).replace("$KEY", key);
    return Arrays.asList(Connection.decode(text, Asked[].class));
  }

  static <T> T body(Asked asked, Class<T> kind) {
    return Connection.decode(Connection.encode(asked.body), kind);
  }

  @SuppressWarnings("unchecked")
  static <T> T sentBack(Object read, Class<T> kind) {
    Map<String, Object> fields = Connection.decode(Connection.encode(read), Map.class);
    fields.put("accountSlug", "my-team");
    return Connection.decode(Connection.encode(fields), kind);
  }

  static void say(Object... words) {
    System.out.println(Arrays.stream(words).map(String::valueOf).collect(Collectors.joining(" ")));
  }
}
