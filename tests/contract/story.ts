// The documentation's examples, typed by what openapi-typescript makes of openapi.json. Nothing runs; tsc reads it.
import type { components, operations, paths } from "./openapi.js";

type Answer<Operation extends { responses: Record<200, { content: { "application/json": unknown } }> }> =
  Operation["responses"][200]["content"]["application/json"];
type Body<Operation extends { requestBody?: { content: { "application/json": unknown } } }> =
  NonNullable<Operation["requestBody"]>["content"]["application/json"];

export const create: Body<operations["createAssistant"]> = {
  accountSlug: "my-team",
  name: "Q1 Outbound Setter",
  templateId: "outbound-setter",
};

export const update: Body<paths["/api/assistants/{assistantId}"]["patch"]> = {
  accountSlug: "my-team",
  system_prompt: "You are a helpful sales assistant for Acme Corp. Your goal is to qualify leads and book demos.",
  voice_provider: "elevenlabs",
  voice_id: "EXAVITQu4vr4xnSDxMaL",
  recording_enabled: true,
};

export const assign: Body<operations["assignPhoneNumbers"]> = {
  accountSlug: "my-team",
  phoneNumberIds: ["pn_14155550101", "pn_14155550102"],
};

export const read = ({ assistant, success }: Answer<operations["getAssistant"]>): [true, string, number, boolean] => [
  success,
  assistant.id,
  assistant.temperature,
  assistant.inbound_enabled,
];

export const who = (answer: Answer<operations["routeCall"]>): string => answer.assistant?.name ?? answer.reason;

export const why = (error: components["schemas"]["Error"]): string[] =>
  error.details?.map(({ field, message }) => `${field} ${message}`) ?? [error.error, error.code, error.request_id];

export const page: operations["listAssistants"]["parameters"]["query"] = { limit: 10, inbound_enabled: true };

// @ts-expect-error accountSlug is required
export const nobody: Body<operations["updateAssistant"]> = { name: "x" };
// @ts-expect-error there is no such template
export const unknown: Body<operations["createAssistant"]> = { ...create, templateId: "sales" };
// @ts-expect-error text is no number
export const warm: Body<operations["updateAssistant"]> = { accountSlug: "my-team", temperature: "0.7" };
// @ts-expect-error there is no such field
export const voice: Body<operations["updateAssistant"]> = { accountSlug: "my-team", voiceId: "x" };
