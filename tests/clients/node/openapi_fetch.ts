// The story in openapi-fetch, with the types that openapi-typescript makes.
import createClient from "openapi-fetch";
import type { components, paths } from "./generated/openapi_typescript";
import { type Asked, baseUrl, numbers, refusals, run, say, token } from "./script";

type Client = ReturnType<typeof connect>;
type Refusal = components["schemas"]["RefusalOrGatewayError"];

const connect = (bearer: string) =>
  createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${bearer}` } });

async function refusal(asked: Promise<{ error?: Refusal; response: Response }>): Promise<string> {
  const { error, response } = await asked;
  return `${response.status} ${error && "code" in error ? error.code : JSON.stringify(error)}`;
}

async function success<T>(asked: Promise<{ data?: T; error?: unknown }>): Promise<T> {
  const { data, error } = await asked;
  if (data === undefined) throw new Error(JSON.stringify(error));
  return data;
}

// The types alone: nothing of this runs.
type UpdateAssistant = components["schemas"]["UpdateAssistant"];
// @ts-expect-error accountSlug is required
export const nobody: UpdateAssistant = { name: "x" };
// @ts-expect-error text is no number
export const warm: UpdateAssistant = { accountSlug: "my-team", temperature: "0.7" };
// @ts-expect-error there is no such field
export const voice: UpdateAssistant = { accountSlug: "my-team", voiceId: "x" };
// @ts-expect-error there is no such template
export const unknown: components["schemas"]["CreateAssistant"] = { accountSlug: "my-team", name: "x", templateId: "sales" };

run(async () => {
  const api = connect(token);
  const accountSlug = "my-team";
  const body = { accountSlug, name: "Q1 Outbound Setter", templateId: "outbound-setter" } as const;
  const { assistant } = await success(api.POST("/api/assistants", { body }));
  say("create", assistant.type, assistant.temperature, assistant.outbound_enabled);
  const params = { path: { assistantId: assistant.id } };

  const got = (await success(api.GET("/api/assistants/{assistantId}", { params }))).assistant;
  say("get", got.name, got.created_at === assistant.created_at);

  const change = { accountSlug, voice_id: "EXAVITQu4vr4xnSDxMaL", recording_enabled: true };
  const updated = (await success(api.PATCH("/api/assistants/{assistantId}", { params, body: change }))).assistant;
  say("update", updated.voice_id, updated.recording_enabled);

  const phoneNumberIds: string[] = [];
  for (const phoneNumber of numbers) {
    const imported = await success(api.POST("/api/phone-numbers", { body: { accountSlug, phoneNumber } }));
    phoneNumberIds.push(imported.phone_number.id);
  }
  const assign = { params, body: { accountSlug, phoneNumberIds } };
  say("assign", (await success(api.PATCH("/api/assistants/{assistantId}/telephony/phone-numbers", assign))).success);

  const called = { params: { path: { phoneNumber: numbers[0] } } };
  let route = await success(api.GET("/api/routes/{phoneNumber}", called));
  say("route", route.routed, route.reason);
  await success(api.PATCH("/api/assistants/{assistantId}", { params, body: { accountSlug, inbound_enabled: true } }));
  route = await success(api.GET("/api/routes/{phoneNumber}", called));
  say("route", route.routed, route.reason, route.assistant?.name);

  const key = (await success(api.GET("/api/test-api-key"))).api_key;
  for (const asked of refusals(assistant.id, phoneNumberIds[0], key.id)) {
    say("refuse", asked.operation, await refuse(api, asked));
  }
  say("refuse testApiKey", await refusal(connect("nobody").GET("/api/test-api-key")));

  const whole = (await success(api.GET("/api/assistants/{assistantId}", { params }))).assistant as UpdateAssistant;
  const same = await success(api.PATCH("/api/assistants/{assistantId}", { params, body: { ...whole, accountSlug } }));
  say("send back assistant", same.assistant.version === whole.version);
  const itself = { params: { path: { phoneNumberId: phoneNumberIds[0] } } };
  const number = (await success(api.GET("/api/phone-numbers/{phoneNumberId}", itself))).phone_number;
  const kept = await success(api.PATCH("/api/phone-numbers/{phoneNumberId}", { ...itself, body: number }));
  say("send back phone number", kept.phone_number.assistant_id === assistant.id);
  const own = { params: { path: { apiKeyId: key.id } }, body: key };
  say("send back API key", (await success(api.PATCH("/api/api-keys/{apiKeyId}", own))).api_key.is_active);
});

async function refuse(api: Client, { operation, id, body, cursor, if_match }: Asked): Promise<string> {
  const assistant = { params: { path: { assistantId: id } } };
  const number = { params: { path: { phoneNumberId: id } } };
  const key = { params: { path: { apiKeyId: id } } };
  switch (operation) {
    case "getAssistant":
      return refusal(api.GET("/api/assistants/{assistantId}", assistant));
    case "deleteAssistant":
      return refusal(api.DELETE("/api/assistants/{assistantId}", assistant));
    case "createAssistant":
      return refusal(api.POST("/api/assistants", { body }));
    case "updateAssistant": {
      const params = { ...assistant.params, header: { "If-Match": if_match } };
      return refusal(api.PATCH("/api/assistants/{assistantId}", { params, body }));
    }
    case "assignPhoneNumbers":
      return refusal(api.PATCH("/api/assistants/{assistantId}/telephony/phone-numbers", { ...assistant, body }));
    case "listAssistants":
      return refusal(api.GET("/api/assistants", { params: { query: { cursor } } }));
    case "getPhoneNumber":
      return refusal(api.GET("/api/phone-numbers/{phoneNumberId}", number));
    case "updatePhoneNumber":
      return refusal(api.PATCH("/api/phone-numbers/{phoneNumberId}", { ...number, body }));
    case "deletePhoneNumber":
      return refusal(api.DELETE("/api/phone-numbers/{phoneNumberId}", number));
    case "routeCall":
      return refusal(api.GET("/api/routes/{phoneNumber}", { params: { path: { phoneNumber: id } } }));
    case "updateApiKey":
      return refusal(api.PATCH("/api/api-keys/{apiKeyId}", { ...key, body }));
    case "deleteApiKey":
      return refusal(api.DELETE("/api/api-keys/{apiKeyId}", key));
  }
  return "is no operation of this program";
}
