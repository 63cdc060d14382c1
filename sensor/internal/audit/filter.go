package audit

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/kubesim/kubesim/sensor/internal/record"
)

// Scope is what is observed; the zero value keeps nothing.
type Scope struct {
	All bool
	// Observed namespaces, with the run that each is observed for, where that is known.
	Namespaces map[string]string
	// Of pods in them: a token that was taken out of a pod is often used from there.
	Addresses map[string]bool
}

type user struct {
	Username string `json:"username"`
}

// The fields by which an event belongs to a run or not.
type head struct {
	Stage            string   `json:"stage"`
	User             user     `json:"user"`
	ImpersonatedUser user     `json:"impersonatedUser"`
	SourceIPs        []string `json:"sourceIPs"`
	ObjectRef        struct {
		Namespace   string `json:"namespace"`
		Resource    string `json:"resource"`
		Subresource string `json:"subresource"`
	} `json:"objectRef"`
}

// Event reads a line of the audit log (audit.k8s.io/v1). Nil where it is none, is of another stage, or is about nothing that is observed:
// an object in an observed namespace, a service account of one, a request from a pod in one, or anything that bears a run's id.
func (s Scope) Event(line []byte) (map[string]any, bool, error) {
	var known head
	if err := json.Unmarshal(line, &known); err != nil {
		return nil, false, err
	}
	if known.Stage != "ResponseComplete" && known.Stage != "ResponseStarted" && known.Stage != "Panic" {
		return nil, false, nil
	}
	if !s.All && !s.about(known, line) {
		return nil, false, nil
	}
	event, err := decode(line)
	if err != nil {
		return nil, false, err
	}
	return event, clean(event, known), nil
}

func (s Scope) about(known head, line []byte) bool {
	if _, observed := s.Namespaces[known.ObjectRef.Namespace]; observed {
		return true
	}
	for _, one := range []user{known.User, known.ImpersonatedUser} {
		if rest, found := strings.CutPrefix(one.Username, "system:serviceaccount:"); found {
			namespace, _, _ := strings.Cut(rest, ":")
			if _, observed := s.Namespaces[namespace]; observed {
				return true
			}
		}
	}
	for _, address := range known.SourceIPs {
		if s.Addresses[address] {
			return true
		}
	}
	// Names of objects outside of the namespace, labels, user agents.
	for _, run := range s.Namespaces {
		if len(run) >= shortestRun && bytes.Contains(line, []byte(run)) {
			return true
		}
	}
	return false
}

// A shorter text may stand anywhere by chance.
const shortestRun = 6

// A body that is longer is left out.
const bodyRoom = 128 << 10

func decode(line []byte) (map[string]any, error) {
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.UseNumber()
	var event map[string]any
	err := decoder.Decode(&event)
	return event, err
}

// Secrets, whatever the audit policy says: https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/
var secret = map[string]bool{"secrets": true, "configmaps": true, "tokenreviews": true, "tokenrequests": true, "serviceaccounts/token": true}

// clean leaves out what no rule needs and what is secret; true where something was too long.
func clean(event map[string]any, known head) bool {
	resource := known.ObjectRef.Resource
	if known.ObjectRef.Subresource != "" {
		resource += "/" + known.ObjectRef.Subresource
	}
	cut := false
	for _, name := range []string{"requestObject", "responseObject"} {
		body, there := event[name]
		if !there {
			continue
		}
		if secret[resource] || secret[known.ObjectRef.Resource] {
			delete(event, name)
			continue
		}
		body = mask(body)
		event[name] = body
		if text, err := json.Marshal(body); err != nil || len(text) > bodyRoom {
			delete(event, name)
			cut = true
		}
	}
	for _, name := range []string{"requestURI", "userAgent"} {
		if text, is := event[name].(string); is {
			event[name] = record.Text(text)
		}
	}
	return cut
}

func mask(value any) any {
	switch given := value.(type) {
	case string:
		return record.Text(given)
	case []any:
		for i := range given {
			given[i] = mask(given[i])
		}
	case map[string]any:
		// Who set which field: half of an object's size, and nothing that happened.
		if metadata, is := given["metadata"].(map[string]any); is {
			delete(metadata, "managedFields")
		}
		for key := range given {
			given[key] = mask(given[key])
		}
	}
	return value
}
