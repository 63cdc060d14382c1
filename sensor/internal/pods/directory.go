// Package pods knows the pods of this node and the namespaces that are observed, from the API server.
package pods

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
)

const (
	managedBy = "app.kubernetes.io/managed-by"
	instance  = "app.kubernetes.io/instance"
	tool      = "kubesim"
	// ObserveLabel on a namespace that no run made says that its pods are to be observed; its value names the run.
	ObserveLabel = "kubesim.io/observe"
	// On a static pod's mirror: what the kubelet names its cgroup by.
	configHash = "kubernetes.io/config.hash"
	// The processes of a deleted pod may outlive its object for a moment.
	afterlife = time.Minute
)

// Pod is what records say of a pod.
type Pod struct {
	UID, Namespace, Name string
	// Names by id, without the runtime's prefix: as the kubelet has told them so far.
	Containers map[string]string
	addresses  []string
}

// Directory is safe for use by several goroutines.
type Directory struct {
	// All pods are observed, whatever the labels of their namespace.
	All bool

	mutex      sync.Mutex
	pods       map[string]*Pod
	gone       map[string]time.Time
	namespaces map[string]*observation
	changed    chan struct{}
}

type observation struct{ run string }

// New is a directory that knows nothing yet.
func New(all bool) *Directory {
	return &Directory{
		All: all, pods: map[string]*Pod{}, gone: map[string]time.Time{}, namespaces: map[string]*observation{}, changed: make(chan struct{}, 1),
	}
}

// Config is how the API server is reached: by a kubeconfig, or as the pod's service account.
func Config(kubeconfig string) (*rest.Config, error) {
	if kubeconfig == "" {
		return rest.InClusterConfig()
	}
	return clientcmd.BuildConfigFromFlags("", kubeconfig)
}

// Follow keeps the directory as the API server has it, until ctx ends; it returns when it knows all that is there, or patience ends.
func (d *Directory) Follow(ctx, patience context.Context, config *rest.Config, node string) error {
	client, err := clientFor(config)
	if err != nil {
		return err
	}
	namespaces := follow(ctx, client, "namespaces", fields.Everything(), &corev1.Namespace{}, d.setNamespace, d.dropNamespace)
	// Rights cannot be narrowed to a node, but what is asked for can.
	onNode := fields.Everything()
	if node != "" {
		onNode = fields.OneTermEqualSelector("spec.nodeName", node)
	}
	pods := follow(ctx, client, "pods", onNode, &corev1.Pod{}, d.SetPod, d.dropPod)
	if !cache.WaitForCacheSync(patience.Done(), namespaces.HasSynced, pods.HasSynced) {
		return fmt.Errorf("the API server did not list the node's pods and the namespaces: %w", context.Cause(patience))
	}
	return nil
}

func clientFor(config *rest.Config) (*rest.RESTClient, error) {
	scheme := runtime.NewScheme()
	if err := corev1.AddToScheme(scheme); err != nil {
		return nil, err
	}
	metav1.AddToGroupVersion(scheme, schema.GroupVersion{Version: "v1"})
	own := rest.CopyConfig(config)
	own.APIPath = "/api"
	own.GroupVersion = &corev1.SchemeGroupVersion
	own.NegotiatedSerializer = serializer.NewCodecFactory(scheme).WithoutConversion()
	own.ContentType = runtime.ContentTypeProtobuf
	own.UserAgent = "kubesim-sensor"
	return rest.RESTClientFor(own)
}

func follow[T runtime.Object](
	ctx context.Context, client cache.Getter, resource string, selector fields.Selector, kind T, set, drop func(T),
) cache.Controller {
	_, controller := cache.NewInformerWithOptions(cache.InformerOptions{
		ListerWatcher: cache.NewListWatchFromClient(client, resource, metav1.NamespaceAll, selector),
		ObjectType:    kind,
		// What is kept has no use but to tell changes.
		Transform: slim,
		Handler: cache.ResourceEventHandlerFuncs{
			AddFunc:    func(object any) { set(object.(T)) },
			UpdateFunc: func(_, object any) { set(object.(T)) },
			DeleteFunc: func(object any) {
				if unknown, ok := object.(cache.DeletedFinalStateUnknown); ok {
					object = unknown.Obj
				}
				if known, ok := object.(T); ok {
					drop(known)
				}
			},
		},
	})
	go controller.RunWithContext(ctx)
	return controller
}

func slim(object any) (any, error) {
	if pod, ok := object.(*corev1.Pod); ok {
		pod.Spec = corev1.PodSpec{}
		pod.ManagedFields = nil
		pod.Status.Conditions = nil
	}
	return object, nil
}

// SetPod takes a pod as the API server tells it.
func (d *Directory) SetPod(pod *corev1.Pod) {
	known := &Pod{UID: string(pod.UID), Namespace: pod.Namespace, Name: pod.Name, Containers: map[string]string{}}
	for _, list := range [][]corev1.ContainerStatus{
		pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses, pod.Status.EphemeralContainerStatuses,
	} {
		for _, status := range list {
			if _, id, found := strings.Cut(status.ContainerID, "://"); found {
				known.Containers[id] = status.Name
			}
		}
	}
	for _, address := range pod.Status.PodIPs {
		// With the host's network the address is that of all such pods, and of the node.
		if address.IP != pod.Status.HostIP {
			known.addresses = append(known.addresses, address.IP)
		}
	}
	d.mutex.Lock()
	defer d.mutex.Unlock()
	for _, key := range keysOf(pod) {
		d.pods[key] = known
		delete(d.gone, key)
	}
	d.tell()
}

func (d *Directory) dropPod(pod *corev1.Pod) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	now := time.Now()
	for _, key := range keysOf(pod) {
		d.gone[key] = now.Add(afterlife)
	}
	for key, until := range d.gone {
		if now.After(until) {
			delete(d.gone, key)
			delete(d.pods, key)
		}
	}
}

// The names that a pod's cgroup may have.
func keysOf(pod *corev1.Pod) []string {
	keys := []string{string(pod.UID)}
	if hash := pod.Annotations[configHash]; hash != "" {
		keys = append(keys, hash)
	}
	return keys
}

func (d *Directory) setNamespace(namespace *corev1.Namespace) {
	run, observed := namespace.Labels[ObserveLabel]
	if !observed && namespace.Labels[managedBy] == tool {
		run, observed = namespace.Labels[instance]
	}
	if observed {
		d.Observe(namespace.Name, run)
		return
	}
	d.mutex.Lock()
	defer d.mutex.Unlock()
	delete(d.namespaces, namespace.Name)
	d.tell()
}

// Observe has the pods of a namespace observed for a run.
func (d *Directory) Observe(namespace, run string) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.namespaces[namespace] = &observation{run}
	d.tell()
}

// The audit log tells of a namespace after it has gone: what a run made stays observed for its afterlife.
func (d *Directory) dropNamespace(namespace *corev1.Namespace) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	gone := d.namespaces[namespace.Name]
	time.AfterFunc(afterlife, func() {
		d.mutex.Lock()
		defer d.mutex.Unlock()
		// Unless it was made again.
		if d.namespaces[namespace.Name] == gone {
			delete(d.namespaces, namespace.Name)
		}
	})
}

func (d *Directory) tell() {
	select {
	case d.changed <- struct{}{}:
	default:
	}
}

// Changed gets a value after changes, one for several.
func (d *Directory) Changed() <-chan struct{} { return d.changed }

// Pod finds a pod by its UID, or a static one by the hash of its manifest.
func (d *Directory) Pod(key string) (Pod, bool) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	pod, found := d.pods[key]
	if !found {
		return Pod{}, false
	}
	return *pod, true
}

// Observes tells whether the pods of a namespace are observed.
func (d *Directory) Observes(namespace string) bool {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	_, found := d.namespaces[namespace]
	return found || d.All
}

// Observed are the namespaces that are observed by their labels, with the runs that these name.
func (d *Directory) Observed() map[string]string {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	copied := make(map[string]string, len(d.namespaces))
	for name, observed := range d.namespaces {
		copied[name] = observed.run
	}
	return copied
}

// Addresses are those of the pods in observed namespaces.
func (d *Directory) Addresses() map[string]bool {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	found := map[string]bool{}
	for _, pod := range d.pods {
		if _, observed := d.namespaces[pod.Namespace]; observed {
			for _, address := range pod.addresses {
				found[address] = true
			}
		}
	}
	return found
}
