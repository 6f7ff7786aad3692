// The story in the client that openapi-generator makes for axios.
import { type AxiosResponse, isAxiosError } from "axios";
import * as client from "./generated/typescript-axios";
import { type Asked, baseUrl, numbers, refusals, run, say, token } from "./script";

type Client = ReturnType<typeof connect>;

function connect(bearer: string) {
  const configuration = new client.Configuration({ basePath: baseUrl, accessToken: bearer });
  return {
    assistants: new client.AssistantsApi(configuration),
    phoneNumbers: new client.PhoneNumbersApi(configuration),
    calls: new client.CallsApi(configuration),
    apiKeys: new client.APIKeysApi(configuration),
  };
}

async function refusal(asked: Promise<AxiosResponse>): Promise<string> {
  try {
    return `200 ${JSON.stringify((await asked).data)}`;
  } catch (error) {
    if (!isAxiosError<client.Refusal>(error)) throw error;
    return `${error.response?.status} ${error.response?.data.code}`;
  }
}

run(async () => {
  const api = connect(token);
  const accountSlug = "my-team";
  const create = { accountSlug, name: "Q1 Outbound Setter", templateId: "outbound-setter" } as const;
  const { assistant } = (await api.assistants.createAssistant(create)).data;
  say("create", assistant.type, assistant.temperature, assistant.outbound_enabled);

  const got = (await api.assistants.getAssistant(assistant.id)).data.assistant;
  say("get", got.name, got.created_at === assistant.created_at);

  const change = { accountSlug, voice_id: "EXAVITQu4vr4xnSDxMaL", recording_enabled: true };
  const updated = (await api.assistants.updateAssistant(assistant.id, change)).data.assistant;
  say("update", updated.voice_id, updated.recording_enabled);

  const phoneNumberIds: string[] = [];
  for (const phoneNumber of numbers) {
    const imported = (await api.phoneNumbers.importPhoneNumber({ accountSlug, phoneNumber })).data;
    phoneNumberIds.push(imported.phone_number.id);
  }
  say("assign", (await api.assistants.assignPhoneNumbers(assistant.id, { accountSlug, phoneNumberIds })).data.success);

  let route = (await api.calls.routeCall(numbers[0])).data;
  say("route", route.routed, route.reason);
  await api.assistants.updateAssistant(assistant.id, { accountSlug, inbound_enabled: true });
  route = (await api.calls.routeCall(numbers[0])).data;
  say("route", route.routed, route.reason, route.assistant?.name);

  const key = (await api.apiKeys.testApiKey()).data.api_key;
  for (const asked of refusals(assistant.id, phoneNumberIds[0], key.id)) {
    say("refuse", asked.operation, await refuse(api, asked));
  }
  say("refuse testApiKey", await refusal(connect("nobody").apiKeys.testApiKey()));

  const whole = (await api.assistants.getAssistant(assistant.id)).data.assistant as client.UpdateAssistant;
  const same = (await api.assistants.updateAssistant(assistant.id, { ...whole, accountSlug })).data;
  say("send back assistant", same.assistant.version === whole.version);
  const number = (await api.phoneNumbers.getPhoneNumber(phoneNumberIds[0])).data.phone_number;
  const kept = (await api.phoneNumbers.updatePhoneNumber(number.id, undefined, undefined, undefined, undefined, number)).data;
  say("send back phone number", kept.phone_number.assistant_id === assistant.id);
  const again = (await api.apiKeys.updateApiKey(key.id, undefined, undefined, undefined, undefined, undefined, key)).data;
  say("send back API key", again.api_key.is_active);
});

async function refuse(api: Client, { operation, id, body, cursor, if_match }: Asked): Promise<string> {
  switch (operation) {
    case "getAssistant":
      return refusal(api.assistants.getAssistant(id));
    case "deleteAssistant":
      return refusal(api.assistants.deleteAssistant(id));
    case "createAssistant":
      return refusal(api.assistants.createAssistant(body));
    case "updateAssistant":
      return refusal(api.assistants.updateAssistant(id, body, if_match));
    case "assignPhoneNumbers":
      return refusal(api.assistants.assignPhoneNumbers(id, body));
    case "listAssistants":
      return refusal(api.assistants.listAssistants(undefined, cursor));
    case "getPhoneNumber":
      return refusal(api.phoneNumbers.getPhoneNumber(id));
    case "updatePhoneNumber":
      return refusal(api.phoneNumbers.updatePhoneNumber(id, undefined, undefined, undefined, undefined, body));
    case "deletePhoneNumber":
      return refusal(api.phoneNumbers.deletePhoneNumber(id));
    case "routeCall":
      return refusal(api.calls.routeCall(id));
    case "updateApiKey":
      return refusal(api.apiKeys.updateApiKey(id, undefined, undefined, undefined, undefined, undefined, body));
    case "deleteApiKey":
      return refusal(api.apiKeys.deleteApiKey(id));
  }
  return "is no operation of this program";
}
