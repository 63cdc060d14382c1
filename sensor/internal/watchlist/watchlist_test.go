package watchlist

import (
	"path"
	"slices"
	"strings"
	"testing"
)

func TestWatches(t *testing.T) {
	for _, c := range []struct {
		file  string
		write bool
		want  bool
	}{
		{"/etc/shadow", false, true},
		{"/etc/passwd", false, false},
		{"/etc/passwd", true, true},
		{"/srv/etc/shadow", false, false},
		{"/etc/ld.so.preload", true, true},
		{"/etc/ld.so.cache", false, false},
		{"/home/user/.git-credentials", false, true},
		{"/home/user/x.git-credentials", false, false},
		{"/root/.ssh/authorized_keys", true, true},
		{"/var/log/nginx/access.log", true, true},
		{"/var/login", true, false},
		{"/var/run/secrets/kubernetes.io/serviceaccount/token", false, true},
		{"/var/run/secrets/azure/tokens/azure-identity-token", false, true},
		{"/root/.config/gcloud/credentials.db", false, true},
	} {
		if got := Watches(c.file, c.write); got != c.want {
			t.Errorf("%s, write %v: %v", c.file, c.write, got)
		}
	}
}

func TestCanonical(t *testing.T) {
	for given, want := range map[string]string{
		"/run/secrets/kubernetes.io/serviceaccount/..2026_11_25_02_49_25.123456789/token": "/var/run/secrets/kubernetes.io/serviceaccount/token",
		"/etc/config/..2026_11_25_02_49_25.1/a":                                           "/etc/config/a",
		"/srv/..2026/a":                                                                   "/srv/..2026/a",
		"/run/secret":                                                                     "/run/secret",
	} {
		if got := Canonical(given); got != want {
			t.Errorf("%s: %s", given, got)
		}
	}
}

// The kernel looks at names only, so that each watched file must have one that it knows.
func TestNamesCoverTheList(t *testing.T) {
	files, folders := Names()
	for _, e := range entries {
		name := path.Base(e.path)
		if len(name) > 31 {
			t.Errorf("%s is longer than the kernel's names", name)
		}
		list := files
		if e.folder {
			list = folders
		}
		if !slices.Contains(list, name) || strings.HasSuffix(e.path, "/") {
			t.Errorf("%s is not covered", e.path)
		}
	}
}
