// Package watchlist says which opened files are worth a record.
package watchlist

import (
	"path"
	"regexp"
	"strings"
)

// An entry is a file, by its path from the root or by the end of it, or a folder with all that is in it.
type entry struct {
	path string
	// Any place that ends so.
	anywhere bool
	// All files in it, at any depth.
	folder bool
	// Only opened for writing: everybody reads it.
	writing bool
}

var entries = []entry{
	{path: "/etc/ld.so.preload"},
	{path: "/etc/shadow"},
	{path: "/etc/gshadow"},
	{path: "/etc/sudoers"},
	{path: "/etc/passwd", writing: true},
	{path: "/etc/group", writing: true},
	{path: "/etc/crontab", writing: true},
	{path: "/etc/cron.d", folder: true, writing: true},
	{path: "/var/spool/cron", folder: true, writing: true},
	{path: "/var/log", folder: true},
	{path: "/var/run/secrets", folder: true},
	{path: "/etc/kubernetes", folder: true},
	{path: "/var/lib/kubelet", folder: true},
	{path: "/.git-credentials", anywhere: true},
	{path: "/.bash_history", anywhere: true},
	{path: "/.ash_history", anywhere: true},
	{path: "/.zsh_history", anywhere: true},
	{path: "/.netrc", anywhere: true},
	{path: "/.npmrc", anywhere: true},
	{path: "/.pypirc", anywhere: true},
	{path: "/.pgpass", anywhere: true},
	{path: "/.vault-token", anywhere: true},
	{path: "/.ssh", anywhere: true, folder: true},
	{path: "/.gnupg", anywhere: true, folder: true},
	{path: "/.kube", anywhere: true, folder: true},
	{path: "/.aws", anywhere: true, folder: true},
	{path: "/.azure", anywhere: true, folder: true},
	{path: "/.docker/config.json", anywhere: true},
	{path: "/.config/gcloud", anywhere: true, folder: true},
}

// Names for the kernel's first look: those of files, and of folders that are not far above a watched file.
func Names() (files, folders []string) {
	for _, e := range entries {
		if e.folder {
			folders = append(folders, path.Base(e.path))
		} else {
			files = append(files, path.Base(e.path))
		}
	}
	return files, folders
}

// The kubelet's atomic writer keeps the files of a volume in a folder with this name: https://pkg.go.dev/k8s.io/kubernetes/pkg/volume/util#AtomicWriter
var version = regexp.MustCompile(`/\.\.\d{4}_\d\d_\d\d_\d\d_\d\d_\d\d\.\d+/`)

// Canonical is the path under which a file is known: that of a volume without the folder of its version, and /var/run for
// secrets, also where that is a link to /run.
func Canonical(file string) string {
	file = version.ReplaceAllString(file, "/")
	if strings.HasPrefix(file, "/run/secrets/") {
		return "/var" + file
	}
	return file
}

// Watches tells whether an access to a canonical path is worth a record.
func Watches(file string, write bool) bool {
	for _, e := range entries {
		if e.writing && !write {
			continue
		}
		switch {
		case e.folder && e.anywhere:
			if strings.Contains(file, e.path+"/") {
				return true
			}
		case e.folder:
			if strings.HasPrefix(file, e.path+"/") {
				return true
			}
		case e.anywhere:
			if strings.HasSuffix(file, e.path) {
				return true
			}
		case file == e.path:
			return true
		}
	}
	return false
}
