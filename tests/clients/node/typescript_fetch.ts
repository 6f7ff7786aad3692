// The story in the client that openapi-generator makes for fetch.
import * as client from "./generated/typescript-fetch";
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

async function refusal(asked: Promise<unknown>): Promise<string> {
  try {
    return `200 ${JSON.stringify(await asked)}`;
  } catch (error) {
    if (!(error instanceof client.ResponseError)) throw error;
    return `${error.response.status} ${client.RefusalFromJSON(await error.response.json()).code}`;
  }
}

run(async () => {
  const api = connect(token);
  const accountSlug = "my-team";
  const createAssistant = { accountSlug, name: "Q1 Outbound Setter", templateId: "outbound-setter" } as const;
  const { assistant } = await api.assistants.createAssistant({ createAssistant });
  say("create", assistant.type, assistant.temperature, assistant.outboundEnabled);
  const itself = { assistantId: assistant.id };

  const got = (await api.assistants.getAssistant(itself)).assistant;
  say("get", got.name, got.createdAt.getTime() === assistant.createdAt.getTime());

  const change = { accountSlug, voiceId: "EXAVITQu4vr4xnSDxMaL", recordingEnabled: true };
  const updated = (await api.assistants.updateAssistant({ ...itself, updateAssistant: change })).assistant;
  say("update", updated.voiceId, updated.recordingEnabled);

  const phoneNumberIds: string[] = [];
  for (const phoneNumber of numbers) {
    const imported = await api.phoneNumbers.importPhoneNumber({ importPhoneNumber: { accountSlug, phoneNumber } });
    phoneNumberIds.push(imported.phoneNumber.id);
  }
  const assignPhoneNumbers = { accountSlug, phoneNumberIds };
  say("assign", (await api.assistants.assignPhoneNumbers({ ...itself, assignPhoneNumbers })).success);

  let route = await api.calls.routeCall({ phoneNumber: numbers[0] });
  say("route", route.routed, route.reason);
  await api.assistants.updateAssistant({ ...itself, updateAssistant: { accountSlug, inboundEnabled: true } });
  route = await api.calls.routeCall({ phoneNumber: numbers[0] });
  say("route", route.routed, route.reason, route.assistant?.name);

  const key = (await api.apiKeys.testApiKey()).apiKey;
  for (const asked of refusals(assistant.id, phoneNumberIds[0], key.id)) {
    say("refuse", asked.operation, await refuse(api, asked));
  }
  say("refuse testApiKey", await refusal(connect("nobody").apiKeys.testApiKey()));

  const whole = (await api.assistants.getAssistant(itself)).assistant as client.UpdateAssistant;
  const same = await api.assistants.updateAssistant({ ...itself, updateAssistant: { ...whole, accountSlug } });
  say("send back assistant", same.assistant.version === whole.version);
  const number = (await api.phoneNumbers.getPhoneNumber({ phoneNumberId: phoneNumberIds[0] })).phoneNumber;
  const kept = await api.phoneNumbers.updatePhoneNumber({ phoneNumberId: number.id, updatePhoneNumber: number });
  say("send back phone number", kept.phoneNumber.assistantId === assistant.id);
  say("send back API key", (await api.apiKeys.updateApiKey({ apiKeyId: key.id, updateApiKey: key })).apiKey.isActive);
});

async function refuse(api: Client, { operation, id, body, cursor, if_match }: Asked): Promise<string> {
  switch (operation) {
    case "getAssistant":
      return refusal(api.assistants.getAssistant({ assistantId: id }));
    case "deleteAssistant":
      return refusal(api.assistants.deleteAssistant({ assistantId: id }));
    case "createAssistant":
      return refusal(api.assistants.createAssistant({ createAssistant: client.CreateAssistantFromJSON(body) }));
    case "updateAssistant": {
      const updateAssistant = client.UpdateAssistantFromJSON(body);
      return refusal(api.assistants.updateAssistant({ assistantId: id, updateAssistant, ifMatch: if_match }));
    }
    case "assignPhoneNumbers": {
      const assignPhoneNumbers = client.AssignPhoneNumbersFromJSON(body);
      return refusal(api.assistants.assignPhoneNumbers({ assistantId: id, assignPhoneNumbers }));
    }
    case "listAssistants":
      return refusal(api.assistants.listAssistants({ cursor }));
    case "getPhoneNumber":
      return refusal(api.phoneNumbers.getPhoneNumber({ phoneNumberId: id }));
    case "updatePhoneNumber": {
      const updatePhoneNumber = client.UpdatePhoneNumberFromJSON(body);
      return refusal(api.phoneNumbers.updatePhoneNumber({ phoneNumberId: id, updatePhoneNumber }));
    }
    case "deletePhoneNumber":
      return refusal(api.phoneNumbers.deletePhoneNumber({ phoneNumberId: id }));
    case "routeCall":
      return refusal(api.calls.routeCall({ phoneNumber: id }));
    case "updateApiKey":
      return refusal(api.apiKeys.updateApiKey({ apiKeyId: id, updateApiKey: client.UpdateApiKeyFromJSON(body) }));
    case "deleteApiKey":
      return refusal(api.apiKeys.deleteApiKey({ apiKeyId: id }));
  }
  return "is no operation of this program";
}
