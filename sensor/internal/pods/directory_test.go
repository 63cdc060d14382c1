package pods

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func namespace(name string, labels map[string]string) *corev1.Namespace {
	return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}}
}

func TestObservesWhatRunsMadeAndWhatIsLabelled(t *testing.T) {
	d := New(false)
	d.setNamespace(namespace("sim-abc", map[string]string{managedBy: tool, instance: "abc"}))
	d.setNamespace(namespace("shop", map[string]string{ObserveLabel: "def"}))
	d.setNamespace(namespace("other", map[string]string{managedBy: "Helm", instance: "abc"}))
	for name, want := range map[string]bool{"sim-abc": true, "shop": true, "other": false, "unknown": false} {
		if d.Observes(name) != want {
			t.Error(name)
		}
	}
	if got := d.Observed(); len(got) != 2 || got["sim-abc"] != "abc" || got["shop"] != "def" {
		t.Error(got)
	}
	d.setNamespace(namespace("shop", nil))
	if d.Observes("shop") {
		t.Error("observed without its label")
	}
	if !New(true).Observes("anything") {
		t.Error("all are observed")
	}
}

func TestFindsPods(t *testing.T) {
	d := New(false)
	d.setNamespace(namespace("sim-abc", map[string]string{managedBy: tool, instance: "abc"}))
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "victim", Namespace: "sim-abc", UID: "uid", Annotations: map[string]string{configHash: "hash"}},
		Status: corev1.PodStatus{
			HostIP: "10.0.0.1", PodIPs: []corev1.PodIP{{IP: "10.1.0.7"}},
			InitContainerStatuses: []corev1.ContainerStatus{{Name: "before", ContainerID: "containerd://aaa"}},
			ContainerStatuses:     []corev1.ContainerStatus{{Name: "web", ContainerID: "containerd://bbb"}, {Name: "waiting"}},
		},
	}
	d.SetPod(pod)
	<-d.Changed()
	for _, key := range []string{"uid", "hash"} {
		found, known := d.Pod(key)
		if !known || found.Name != "victim" || found.UID != "uid" || found.Containers["aaa"] != "before" || found.Containers["bbb"] != "web" {
			t.Errorf("%s: %+v", key, found)
		}
	}
	if !d.Addresses()["10.1.0.7"] {
		t.Error(d.Addresses())
	}
	d.dropPod(pod)
	if _, known := d.Pod("uid"); !known {
		t.Error("its processes may still run")
	}
}
