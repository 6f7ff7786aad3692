package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	client "assistants.test/clients/generated/ogen"
	"assistants.test/clients/script"
)

type token string

func (it token) BearerToken(context.Context, client.OperationName) (client.BearerToken, error) {
	return client.BearerToken{Token: string(it)}, nil
}

var recorder = &script.Recorder{}

func connect(it token) *client.Client {
	return script.Must(client.NewClient(script.BaseURL, it, client.WithClient(&http.Client{Transport: recorder})))
}

// Every answer to an operation, a refusal too, is a type of its own, with the body in `Response`.
func refusal[T any](answer T, err error) string {
	if err != nil {
		return err.Error()
	}
	body := script.Decode[struct{ Response struct{ Code string } }](script.Must(json.Marshal(answer)))
	return fmt.Sprint(recorder.Status, " ", body.Response.Code)
}

func assistantOf[T any](answer T, err error) client.Assistant {
	switch got := any(script.Must(answer, err)).(type) {
	case *client.GetAssistantOKHeaders:
		return got.Response.Assistant
	case *client.AssistantAnswerHeaders:
		return got.Response.Assistant
	}
	panic("No assistant was answered.")
}

func main() {
	api, ctx := connect(token(script.Token)), context.Background()

	template := client.NewOptCreateAssistantTemplateId(client.CreateAssistantTemplateIdOutboundSetter)
	create := client.CreateAssistant{AccountSlug: "my-team", Name: "Q1 Outbound Setter", TemplateId: template}
	assistant := assistantOf(api.CreateAssistant(ctx, &create, client.CreateAssistantParams{}))
	script.Say("create", assistant.Type, assistant.Temperature, assistant.OutboundEnabled)

	got := assistantOf(api.GetAssistant(ctx, client.GetAssistantParams{AssistantId: assistant.ID}))
	script.Say("get", got.Name, got.CreatedAt.Equal(assistant.CreatedAt))

	itself := client.UpdateAssistantParams{AssistantId: assistant.ID}
	updated := assistantOf(api.UpdateAssistant(ctx, &client.UpdateAssistant{
		AccountSlug:      "my-team",
		VoiceID:          client.NewOptString("EXAVITQu4vr4xnSDxMaL"),
		RecordingEnabled: client.NewOptBool(true),
	}, itself))
	script.Say("update", updated.VoiceID, updated.RecordingEnabled)

	var ids []string
	for _, number := range script.Numbers {
		imported := script.Must(api.ImportPhoneNumber(ctx, &client.ImportPhoneNumber{AccountSlug: "my-team", PhoneNumber: number}, client.ImportPhoneNumberParams{}))
		ids = append(ids, imported.(*client.PhoneNumberAnswerHeaders).Response.PhoneNumber.ID)
	}
	assign := client.AssignPhoneNumbers{AccountSlug: "my-team", PhoneNumberIds: ids}
	assigned := script.Must(api.AssignPhoneNumbers(ctx, &assign, client.AssignPhoneNumbersParams{AssistantId: assistant.ID}))
	script.Say("assign", assigned.(*client.DoneHeaders).Response.Success)

	called := client.RouteCallParams{PhoneNumber: script.Numbers[0]}
	route := script.Must(api.RouteCall(ctx, called)).(*client.RouteAnswerHeaders).Response
	script.Say("route", route.Routed, route.Reason)
	inbound := client.UpdateAssistant{AccountSlug: "my-team", InboundEnabled: client.NewOptBool(true)}
	assistantOf(api.UpdateAssistant(ctx, &inbound, itself))
	route = script.Must(api.RouteCall(ctx, called)).(*client.RouteAnswerHeaders).Response
	script.Say("route", route.Routed, route.Reason, route.Assistant.Value.Name)

	key := script.Must(api.TestApiKey(ctx, client.TestApiKeyParams{})).(*client.ApiKeyCheckHeaders).Response.APIKey
	for _, it := range script.Refusals(assistant.ID, ids[0], key.ID) {
		script.Say("refuse", it.Operation, refuse(api, ctx, it))
	}
	script.Say("refuse testApiKey", refusal(connect("nobody").TestApiKey(ctx, client.TestApiKeyParams{})))

	whole := assistantOf(api.GetAssistant(ctx, client.GetAssistantParams{AssistantId: assistant.ID}))
	back := script.SentBack[client.UpdateAssistant](&whole)
	script.Say("send back assistant", assistantOf(api.UpdateAssistant(ctx, &back, itself)).Version == whole.Version)
	number := script.Must(api.GetPhoneNumber(ctx, client.GetPhoneNumberParams{PhoneNumberId: ids[0]}))
	label := script.SentBack[client.UpdatePhoneNumber](&number.(*client.GetPhoneNumberOKHeaders).Response.PhoneNumber)
	kept := script.Must(api.UpdatePhoneNumber(ctx, client.NewOptUpdatePhoneNumber(label), client.UpdatePhoneNumberParams{PhoneNumberId: ids[0]}))
	script.Say("send back phone number", kept.(*client.PhoneNumberAnswerHeaders).Response.PhoneNumber.AssistantID.Value == assistant.ID)
	name := script.SentBack[client.UpdateApiKey](&key)
	again := script.Must(api.UpdateApiKey(ctx, client.NewOptUpdateApiKey(name), client.UpdateApiKeyParams{ApiKeyId: key.ID}))
	script.Say("send back API key", again.(*client.ApiKeyAnswerHeaders).Response.APIKey.IsActive)
}

func refuse(api *client.Client, ctx context.Context, it script.Refusal) string {
	switch it.Operation {
	case "getAssistant":
		return refusal(api.GetAssistant(ctx, client.GetAssistantParams{AssistantId: it.ID}))
	case "deleteAssistant":
		return refusal(api.DeleteAssistant(ctx, client.DeleteAssistantParams{AssistantId: it.ID}))
	case "createAssistant":
		return refusal(api.CreateAssistant(ctx, script.Decode[*client.CreateAssistant](it.Body), client.CreateAssistantParams{}))
	case "updateAssistant":
		parameters := client.UpdateAssistantParams{AssistantId: it.ID}
		if it.IfMatch != nil {
			parameters.IfMatch = client.NewOptString(*it.IfMatch)
		}
		return refusal(api.UpdateAssistant(ctx, script.Decode[*client.UpdateAssistant](it.Body), parameters))
	case "assignPhoneNumbers":
		assign := script.Decode[*client.AssignPhoneNumbers](it.Body)
		return refusal(api.AssignPhoneNumbers(ctx, assign, client.AssignPhoneNumbersParams{AssistantId: it.ID}))
	case "listAssistants":
		return refusal(api.ListAssistants(ctx, client.ListAssistantsParams{Cursor: client.NewOptString(it.Cursor)}))
	case "getPhoneNumber":
		return refusal(api.GetPhoneNumber(ctx, client.GetPhoneNumberParams{PhoneNumberId: it.ID}))
	case "updatePhoneNumber":
		update := client.NewOptUpdatePhoneNumber(script.Decode[client.UpdatePhoneNumber](it.Body))
		return refusal(api.UpdatePhoneNumber(ctx, update, client.UpdatePhoneNumberParams{PhoneNumberId: it.ID}))
	case "deletePhoneNumber":
		return refusal(api.DeletePhoneNumber(ctx, client.DeletePhoneNumberParams{PhoneNumberId: it.ID}))
	case "routeCall":
		return refusal(api.RouteCall(ctx, client.RouteCallParams{PhoneNumber: it.ID}))
	case "updateApiKey":
		update := client.NewOptUpdateApiKey(script.Decode[client.UpdateApiKey](it.Body))
		return refusal(api.UpdateApiKey(ctx, update, client.UpdateApiKeyParams{ApiKeyId: it.ID}))
	case "deleteApiKey":
		return refusal(api.DeleteApiKey(ctx, client.DeleteApiKeyParams{ApiKeyId: it.ID}))
	}
	return "is no operation of this program"
}
