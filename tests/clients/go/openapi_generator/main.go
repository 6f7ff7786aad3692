package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	client "assistants.test/clients/generated/openapi_generator"
	"assistants.test/clients/script"
)

type call interface {
	client.AssistantAnswer | client.Done | client.Message | client.AssistantList | client.PhoneNumberAnswer |
		client.RouteAnswer | client.ApiKeyAnswer | client.ApiKeyCheck
}

var recorder = &script.Recorder{}

func connect(token string) (*client.APIClient, context.Context) {
	configuration := client.NewConfiguration()
	configuration.Servers = client.ServerConfigurations{{URL: script.BaseURL}}
	configuration.HTTPClient = &http.Client{Transport: recorder}
	return client.NewAPIClient(configuration), context.WithValue(context.Background(), client.ContextAccessToken, token)
}

func success[T call](answer *T, _ *http.Response, err error) *T { return script.Must(answer, err) }

func refusal[T call](_ *T, _ *http.Response, err error) string {
	var refused *client.GenericOpenAPIError
	if !errors.As(err, &refused) {
		return fmt.Sprint(err)
	}
	return fmt.Sprint(recorder.Status, " ", refused.Model().(client.Refusal).Code)
}

func main() {
	api, ctx := connect(script.Token)

	create := client.NewCreateAssistant("my-team", "Q1 Outbound Setter")
	create.SetTemplateId("outbound-setter")
	assistant := success(api.AssistantsAPI.CreateAssistant(ctx).CreateAssistant(*create).Execute()).Assistant
	script.Say("create", assistant.Type, assistant.Temperature, assistant.OutboundEnabled)

	got := success(api.AssistantsAPI.GetAssistant(ctx, assistant.Id).Execute()).Assistant
	script.Say("get", got.Name, got.CreatedAt.Equal(assistant.CreatedAt))

	update := client.NewUpdateAssistant("my-team")
	update.SetVoiceId("EXAVITQu4vr4xnSDxMaL")
	update.SetRecordingEnabled(true)
	updated := success(api.AssistantsAPI.UpdateAssistant(ctx, assistant.Id).UpdateAssistant(*update).Execute()).Assistant
	script.Say("update", updated.VoiceId, updated.RecordingEnabled)

	var ids []string
	for _, number := range script.Numbers {
		imported := *client.NewImportPhoneNumber("my-team", number)
		ids = append(ids, success(api.PhoneNumbersAPI.ImportPhoneNumber(ctx).ImportPhoneNumber(imported).Execute()).PhoneNumber.Id)
	}
	assign := *client.NewAssignPhoneNumbers("my-team", ids)
	script.Say("assign", success(api.AssistantsAPI.AssignPhoneNumbers(ctx, assistant.Id).AssignPhoneNumbers(assign).Execute()).Success)

	route := success(api.CallsAPI.RouteCall(ctx, script.Numbers[0]).Execute())
	script.Say("route", route.Routed, route.Reason)
	update = client.NewUpdateAssistant("my-team")
	update.SetInboundEnabled(true)
	success(api.AssistantsAPI.UpdateAssistant(ctx, assistant.Id).UpdateAssistant(*update).Execute())
	route = success(api.CallsAPI.RouteCall(ctx, script.Numbers[0]).Execute())
	script.Say("route", route.Routed, route.Reason, route.GetAssistant().Name)

	key := success(api.APIKeysAPI.TestApiKey(ctx).Execute()).ApiKey
	for _, it := range script.Refusals(assistant.Id, ids[0], key.Id) {
		script.Say("refuse", it.Operation, refuse(api, ctx, it))
	}
	stranger, anyone := connect("nobody")
	script.Say("refuse testApiKey", refusal(stranger.APIKeysAPI.TestApiKey(anyone).Execute()))

	whole := success(api.AssistantsAPI.GetAssistant(ctx, assistant.Id).Execute()).Assistant
	same := success(api.AssistantsAPI.UpdateAssistant(ctx, whole.Id).UpdateAssistant(script.SentBack[client.UpdateAssistant](whole)).Execute())
	script.Say("send back assistant", same.Assistant.Version == whole.Version)
	number := success(api.PhoneNumbersAPI.GetPhoneNumber(ctx, ids[0]).Execute()).PhoneNumber
	kept := success(api.PhoneNumbersAPI.UpdatePhoneNumber(ctx, number.Id).UpdatePhoneNumber(script.SentBack[client.UpdatePhoneNumber](number)).Execute())
	script.Say("send back phone number", kept.PhoneNumber.GetAssistantId() == assistant.Id)
	again := success(api.APIKeysAPI.UpdateApiKey(ctx, key.Id).UpdateApiKey(script.SentBack[client.UpdateApiKey](key)).Execute())
	script.Say("send back API key", again.ApiKey.IsActive)
}

func refuse(api *client.APIClient, ctx context.Context, it script.Refusal) string {
	switch it.Operation {
	case "getAssistant":
		return refusal(api.AssistantsAPI.GetAssistant(ctx, it.ID).Execute())
	case "deleteAssistant":
		return refusal(api.AssistantsAPI.DeleteAssistant(ctx, it.ID).Execute())
	case "createAssistant":
		return refusal(api.AssistantsAPI.CreateAssistant(ctx).CreateAssistant(script.Decode[client.CreateAssistant](it.Body)).Execute())
	case "updateAssistant":
		request := api.AssistantsAPI.UpdateAssistant(ctx, it.ID).UpdateAssistant(script.Decode[client.UpdateAssistant](it.Body))
		if it.IfMatch != nil {
			request = request.IfMatch(*it.IfMatch)
		}
		return refusal(request.Execute())
	case "assignPhoneNumbers":
		return refusal(api.AssistantsAPI.AssignPhoneNumbers(ctx, it.ID).AssignPhoneNumbers(script.Decode[client.AssignPhoneNumbers](it.Body)).Execute())
	case "listAssistants":
		return refusal(api.AssistantsAPI.ListAssistants(ctx).Cursor(it.Cursor).Execute())
	case "getPhoneNumber":
		return refusal(api.PhoneNumbersAPI.GetPhoneNumber(ctx, it.ID).Execute())
	case "updatePhoneNumber":
		return refusal(api.PhoneNumbersAPI.UpdatePhoneNumber(ctx, it.ID).UpdatePhoneNumber(script.Decode[client.UpdatePhoneNumber](it.Body)).Execute())
	case "deletePhoneNumber":
		return refusal(api.PhoneNumbersAPI.DeletePhoneNumber(ctx, it.ID).Execute())
	case "routeCall":
		return refusal(api.CallsAPI.RouteCall(ctx, it.ID).Execute())
	case "updateApiKey":
		return refusal(api.APIKeysAPI.UpdateApiKey(ctx, it.ID).UpdateApiKey(script.Decode[client.UpdateApiKey](it.Body)).Execute())
	case "deleteApiKey":
		return refusal(api.APIKeysAPI.DeleteApiKey(ctx, it.ID).Execute())
	}
	return "is no operation of this program"
}
