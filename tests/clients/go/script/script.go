// Package script is what the programs of all Go clients share: what they are told, and what they say.
package script

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
)

var (
	BaseURL = os.Getenv("BASE_URL")
	Token   = os.Getenv("API_TOKEN")
	Numbers = strings.Fields(os.Getenv("NUMBERS")) // two that nobody has
)

// Refusal is a request that the API refuses.
type Refusal struct {
	Operation string          `json:"operation"`
	ID        string          `json:"id"`
	Cursor    string          `json:"cursor"`
	IfMatch   *string         `json:"if_match"`
	Body      json.RawMessage `json:"body"`
}

// Refusals are those of refusals.json, about what the program has made.
func Refusals(assistant, number, key string) []Refusal {
	text := string(Must(os.ReadFile(os.Getenv("REFUSALS"))))
	text = strings.NewReplacer("$ASSISTANT", assistant, "$NUMBER", number, "$KEY", key).Replace(text)
	var refusals []Refusal
	check(json.Unmarshal([]byte(text), &refusals))
	return refusals
}

// Decode makes what a client sends from JSON, with the client's own decoder.
func Decode[T any](content []byte) T {
	var value T
	if len(content) > 0 {
		check(json.Unmarshal(content, &value))
	}
	return value
}

// SentBack makes the body that sends back whole what was read.
func SentBack[T any](read any) T {
	fields := Decode[map[string]json.RawMessage](Must(json.Marshal(read)))
	fields["accountSlug"] = json.RawMessage(`"my-team"`)
	return Decode[T](Must(json.Marshal(fields)))
}

// Recorder notes the status of the last response; not every client tells it.
type Recorder struct{ Status int }

func (recorder *Recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := http.DefaultTransport.RoundTrip(request)
	if err == nil {
		recorder.Status = response.StatusCode
	}
	return response, err
}

func Say(words ...any) { fmt.Println(words...) }

func Must[T any](value T, err error) T {
	check(err)
	return value
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
