package main

import (
	"context"
	"fmt"
	"net/http"

	client "assistants.test/clients/generated/oapi_codegen"
	"assistants.test/clients/script"
)

type response interface {
	StatusCode() int
	GetBody() []byte
}

func connect(token string) *client.ClientWithResponses {
	authorize := func(_ context.Context, request *http.Request) error {
		request.Header.Set("Authorization", "Bearer "+token)
		return nil
	}
	return script.Must(client.NewClientWithResponses(script.BaseURL, client.WithRequestEditorFn(authorize)))
}

func refusal[T response](answer T, err error) string {
	if err != nil {
		return err.Error()
	}
	return fmt.Sprint(answer.StatusCode(), " ", script.Decode[client.Refusal](answer.GetBody()).Code)
}

func main() {
	api, ctx := connect(script.Token), context.Background()

	template := client.CreateAssistantTemplateIdOutboundSetter
	create := client.CreateAssistant{AccountSlug: "my-team", Name: "Q1 Outbound Setter", TemplateId: &template}
	assistant := script.Must(api.CreateAssistantWithResponse(ctx, nil, create)).JSON200.Assistant
	script.Say("create", assistant.Type, assistant.Temperature, assistant.OutboundEnabled)

	got := script.Must(api.GetAssistantWithResponse(ctx, assistant.Id, nil)).JSON200.Assistant
	script.Say("get", got.Name, got.CreatedAt.Equal(assistant.CreatedAt))

	voice, yes := "EXAVITQu4vr4xnSDxMaL", true
	update := client.UpdateAssistant{AccountSlug: "my-team", VoiceId: &voice, RecordingEnabled: &yes}
	updated := script.Must(api.UpdateAssistantWithResponse(ctx, assistant.Id, nil, update)).JSON200.Assistant
	script.Say("update", updated.VoiceId, updated.RecordingEnabled)

	var ids []string
	for _, number := range script.Numbers {
		imported := client.ImportPhoneNumber{AccountSlug: "my-team", PhoneNumber: number}
		ids = append(ids, script.Must(api.ImportPhoneNumberWithResponse(ctx, nil, imported)).JSON200.PhoneNumber.Id)
	}
	assign := client.AssignPhoneNumbers{AccountSlug: "my-team", PhoneNumberIds: ids}
	script.Say("assign", script.Must(api.AssignPhoneNumbersWithResponse(ctx, assistant.Id, nil, assign)).JSON200.Success)

	route := script.Must(api.RouteCallWithResponse(ctx, script.Numbers[0], nil)).JSON200
	script.Say("route", route.Routed, route.Reason)
	update = client.UpdateAssistant{AccountSlug: "my-team", InboundEnabled: &yes}
	script.Must(api.UpdateAssistantWithResponse(ctx, assistant.Id, nil, update))
	route = script.Must(api.RouteCallWithResponse(ctx, script.Numbers[0], nil)).JSON200
	script.Say("route", route.Routed, route.Reason, route.Assistant.Name)

	key := script.Must(api.TestApiKeyWithResponse(ctx, nil)).JSON200.ApiKey
	for _, it := range script.Refusals(assistant.Id, ids[0], key.Id) {
		script.Say("refuse", it.Operation, refuse(api, ctx, it))
	}
	script.Say("refuse testApiKey", refusal(connect("nobody").TestApiKeyWithResponse(ctx, nil)))

	whole := script.Must(api.GetAssistantWithResponse(ctx, assistant.Id, nil)).JSON200.Assistant
	same := script.Must(api.UpdateAssistantWithResponse(ctx, whole.Id, nil, script.SentBack[client.UpdateAssistant](whole))).JSON200
	script.Say("send back assistant", same.Assistant.Version == whole.Version)
	number := script.Must(api.GetPhoneNumberWithResponse(ctx, ids[0], nil)).JSON200.PhoneNumber
	kept := script.Must(api.UpdatePhoneNumberWithResponse(ctx, number.Id, nil, script.SentBack[client.UpdatePhoneNumber](number))).JSON200
	script.Say("send back phone number", *kept.PhoneNumber.AssistantId == assistant.Id)
	again := script.Must(api.UpdateApiKeyWithResponse(ctx, key.Id, nil, script.SentBack[client.UpdateApiKey](key))).JSON200
	script.Say("send back API key", again.ApiKey.IsActive)
}

func refuse(api *client.ClientWithResponses, ctx context.Context, it script.Refusal) string {
	switch it.Operation {
	case "getAssistant":
		return refusal(api.GetAssistantWithResponse(ctx, it.ID, nil))
	case "deleteAssistant":
		return refusal(api.DeleteAssistantWithResponse(ctx, it.ID, nil))
	case "createAssistant":
		return refusal(api.CreateAssistantWithResponse(ctx, nil, script.Decode[client.CreateAssistant](it.Body)))
	case "updateAssistant":
		parameters := &client.UpdateAssistantParams{IfMatch: it.IfMatch}
		return refusal(api.UpdateAssistantWithResponse(ctx, it.ID, parameters, script.Decode[client.UpdateAssistant](it.Body)))
	case "assignPhoneNumbers":
		return refusal(api.AssignPhoneNumbersWithResponse(ctx, it.ID, nil, script.Decode[client.AssignPhoneNumbers](it.Body)))
	case "listAssistants":
		return refusal(api.ListAssistantsWithResponse(ctx, &client.ListAssistantsParams{Cursor: &it.Cursor}))
	case "getPhoneNumber":
		return refusal(api.GetPhoneNumberWithResponse(ctx, it.ID, nil))
	case "updatePhoneNumber":
		return refusal(api.UpdatePhoneNumberWithResponse(ctx, it.ID, nil, script.Decode[client.UpdatePhoneNumber](it.Body)))
	case "deletePhoneNumber":
		return refusal(api.DeletePhoneNumberWithResponse(ctx, it.ID, nil))
	case "routeCall":
		return refusal(api.RouteCallWithResponse(ctx, it.ID, nil))
	case "updateApiKey":
		return refusal(api.UpdateApiKeyWithResponse(ctx, it.ID, nil, script.Decode[client.UpdateApiKey](it.Body)))
	case "deleteApiKey":
		return refusal(api.DeleteApiKeyWithResponse(ctx, it.ID, nil))
	}
	return "is no operation of this program"
}
