package audit

import (
	"encoding/json"
	"strings"
	"testing"
)

const jwt = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzeXN0ZW0ifQ.c2lnbmF0dXJl"

var scope = Scope{Namespaces: map[string]string{"sim-k3j2h1g0": "k3j2h1g0", "default": ""}, Addresses: map[string]bool{"10.244.0.9": true}}

func TestKeepsWhatIsAboutARun(t *testing.T) {
	for name, c := range map[string]struct {
		line string
		want bool
	}{
		"in its namespace":             {`{"stage":"ResponseComplete","objectRef":{"namespace":"sim-k3j2h1g0","resource":"pods"}}`, true},
		"in another":                   {`{"stage":"ResponseComplete","objectRef":{"namespace":"kube-system","resource":"pods"}}`, false},
		"by its service account":       {`{"stage":"ResponseComplete","user":{"username":"system:serviceaccount:sim-k3j2h1g0:default"},"objectRef":{"resource":"nodes"}}`, true},
		"as its service account":       {`{"stage":"ResponseComplete","user":{"username":"admin"},"impersonatedUser":{"username":"system:serviceaccount:default:x"}}`, true},
		"by another's service account": {`{"stage":"ResponseComplete","user":{"username":"system:serviceaccount:other:default"},"requestURI":"/api/default"}`, false},
		"from its pod":                 {`{"stage":"ResponseStarted","sourceIPs":["10.244.0.9"],"user":{"username":"system:anonymous"}}`, true},
		"cluster-wide, by name":        {`{"stage":"ResponseComplete","objectRef":{"resource":"clusterrolebindings","name":"sim-k3j2h1g0-admin"}}`, true},
		"by its user agent":            {`{"stage":"ResponseComplete","userAgent":"kubesim/k3j2h1g0"}`, true},
		"before the answer":            {`{"stage":"RequestReceived","objectRef":{"namespace":"sim-k3j2h1g0"}}`, false},
	} {
		event, _, err := scope.Event([]byte(c.line))
		if err != nil || (event != nil) != c.want {
			t.Errorf("%s: %v %v", name, event, err)
		}
		if all, _, _ := (Scope{All: true}).Event([]byte(c.line)); (all == nil) != strings.Contains(c.line, "RequestReceived") {
			t.Errorf("%s: all", name)
		}
	}
	if event, _, err := scope.Event([]byte(`{"stage":`)); err == nil || event != nil {
		t.Error("half a line passes for an event")
	}
}

func TestLeavesOutSecrets(t *testing.T) {
	for resource, kept := range map[string]bool{"secrets": false, "pods": true, "configmaps": false} {
		line := `{"stage":"ResponseComplete","requestURI":"/api?token=` + jwt + `","objectRef":{"namespace":"sim-k3j2h1g0","resource":"` + resource + `"},` +
			`"requestObject":{"metadata":{"name":"x","managedFields":[1]},"spec":{"env":["` + jwt + `"],"replicas":12345678901234567890}}}`
		event, cut, err := scope.Event([]byte(line))
		if err != nil || cut {
			t.Fatal(err, cut)
		}
		text, _ := json.Marshal(event)
		if strings.Contains(string(text), "c2lnbmF0dXJl") || strings.Contains(string(text), "managedFields") {
			t.Errorf("%s: %s", resource, text)
		}
		if strings.Contains(string(text), "12345678901234567890") != kept {
			t.Errorf("%s: %s", resource, text)
		}
	}
}

func TestLeavesOutLongBodies(t *testing.T) {
	line := `{"stage":"ResponseComplete","auditID":"a","objectRef":{"namespace":"sim-k3j2h1g0"},"responseObject":{"items":["` + strings.Repeat("x", bodyRoom) + `"]}}`
	event, cut, err := scope.Event([]byte(line))
	if err != nil || !cut || event["responseObject"] != nil || event["auditID"] != "a" {
		t.Error(event, cut, err)
	}
}
