package record

import (
	"regexp"
	"strings"
)

const mask = "***"

// A run's own name in a command line: it is no secret, and what alerts are told apart by.
var runName = regexp.MustCompile(`^sim-[a-z0-9]{1,32}$`)

// What has the form of a secret, wherever it stands.
var forms = []*regexp.Regexp{
	// A JSON Web Token (RFC 7519): a service account's, for one.
	regexp.MustCompile(`\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?`),
	regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)`),
	regexp.MustCompile(`\b(?:ghp|gho|ghu|ghs|ghr|github_pat|glpat)[_-]\w{20,}`),
	regexp.MustCompile(`\bxox[abprs]-[\w-]{10,}`),
	// Key ids of AWS (A3T..., AKIA, ASIA), and of Kubernetes' bootstrap tokens.
	regexp.MustCompile(`\b(?:AKIA|ASIA)[A-Z0-9]{16}\b`),
	regexp.MustCompile(`\b[a-z0-9]{6}\.[a-z0-9]{16}\b`),
}

// What stands before a secret. Only characters of secrets: "$(cat token)" is what was typed, and no secret.
const value = `[A-Za-z0-9._~+/=%!@#^*-]`

var after = []*regexp.Regexp{
	regexp.MustCompile(`(?i)(\b(?:bearer|basic)\s+)(` + value + `{8,})`),
	regexp.MustCompile(`(?i)((?:password|passwd|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|account[_-]?key|client[_-]?secret|x-sim-token)["']?\s*[=:]\s*["']?)(` + value + `{4,})`),
	regexp.MustCompile(`(?i)([?&]sig=)(` + value + `{8,})`),
	// User and password of a URL.
	regexp.MustCompile(`(://[^/\s:@]*:)([^/\s@]+)(@)`),
}

// An option whose value is the next argument.
var option = regexp.MustCompile(`(?i)^--?(?:[a-z-]*(?:password|passwd|passphrase|secret|token|api-?key|access-?key)|pwd)$`)

// Cheap signs that one of the expressions may match.
var signs = []string{"eyJ", "PRIVATE", "gh", "glpat", "xox", "AKIA", "ASIA", "earer", "asic", "EARER", "ASIC", "ass", "ASS", "wd", "WD",
	"ecret", "ECRET", "oken", "OKEN", "key", "Key", "KEY", "sig=", "://", "."}

// Text masks what looks like a secret.
func Text(text string) string {
	if len(text) < 8 || !hasSign(text) {
		return text
	}
	for _, form := range forms {
		text = form.ReplaceAllLiteralString(text, mask)
	}
	for _, form := range after {
		text = form.ReplaceAllStringFunc(text, func(found string) string {
			parts := form.FindStringSubmatch(found)
			if runName.MatchString(parts[2]) {
				return found
			}
			return parts[1] + mask + strings.Join(parts[3:], "")
		})
	}
	return text
}

func hasSign(text string) bool {
	for _, sign := range signs {
		if strings.Contains(text, sign) {
			return true
		}
	}
	return false
}

// Arguments masks secrets in the arguments of a program, in a new list.
func Arguments(arguments []string) []string {
	masked := make([]string, len(arguments))
	for i, argument := range arguments {
		masked[i] = Text(argument)
		if i > 0 && option.MatchString(arguments[i-1]) && !strings.HasPrefix(argument, "-") && !runName.MatchString(argument) {
			masked[i] = mask
		}
	}
	return masked
}
