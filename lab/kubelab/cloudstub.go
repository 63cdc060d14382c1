// What the lab has instead of the internet: one cloud's metadata service, and the domain that tests threat intelligence.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"net/http"
	"strings"
)

// Stands in every token, so that a test finds one that has leaked anywhere. It opens nothing.
const canary = "SIMLAB-CANARY-TOKEN"

// cloudStub plays one cloud at a time; what the other clouds would answer is not found here, as in life.
func cloudStub(arguments []string) error {
	flags := flag.NewFlagSet("cloud-stub", flag.ExitOnError)
	cloud := flags.String("cloud", "azure", "azure, aws or gcp")
	metadata := flags.String("metadata", "169.254.169.254:80", "address of the metadata service")
	domain := flags.String("domain", "", "address of the threat-intelligence test domain")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	play, found := map[string]func() http.Handler{"azure": azure, "aws": aws, "gcp": gcp}[*cloud]
	if !found {
		return fmt.Errorf("%q is no cloud that the stub can play", *cloud)
	}
	failed := make(chan error, 2)
	go func() { failed <- http.ListenAndServe(*metadata, logged("metadata", play())) }()
	go func() {
		failed <- http.ListenAndServe(*domain, logged("domain", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintln(w, "This is the lab's stand-in for the threat-intelligence test domain.")
		})))
	}()
	return <-failed
}

func logged(name string, handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		log.Printf("%s: %s %s %s", name, r.RemoteAddr, r.Method, r.URL.Path)
		handler.ServeHTTP(w, r)
	})
}

func text(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		fmt.Fprint(w, body)
	}
}

func compactJSON(body any) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(body)
	}
}

// demand refuses a request without the header that keeps browsers and proxies away from a metadata service.
func demand(header, value string, status int, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.EqualFold(r.Header.Get(header), value) {
			http.Error(w, "Required header not specified: "+header, status)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func azure() http.Handler {
	compute := map[string]string{
		"azEnvironment":     "AzurePublicCloud",
		"location":          "westeurope",
		"name":              "aks-agentpool-00000000-vmss_0",
		"resourceGroupName": "MC_simlab-group_simlab_westeurope",
		"subscriptionId":    "00000000-0000-4000-8000-000000000001",
		"vmSize":            "Standard_D2s_v5",
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metadata/instance", compactJSON(map[string]any{"compute": compute}))
	mux.Handle("GET /metadata/instance/compute", compactJSON(compute))
	for key, value := range compute {
		mux.Handle("GET /metadata/instance/compute/"+key, text(value))
	}
	mux.Handle("GET /metadata/identity/oauth2/token", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		resource := r.URL.Query().Get("resource")
		if resource == "" {
			http.Error(w, `{"error":"invalid_request","error_description":"Required query variable 'resource' is missing"}`, http.StatusBadRequest)
			return
		}
		compactJSON(map[string]string{
			"access_token": "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9." + canary + ".AZURE",
			"client_id":    "00000000-0000-4000-8000-000000000002",
			"expires_in":   "86399",
			"resource":     resource,
			"token_type":   "Bearer",
		})(w, r)
	}))
	versioned := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/metadata/") && r.URL.Query().Get("api-version") == "" {
			http.Error(w, `{"error":"Bad request. api-version was not specified in the request"}`, http.StatusBadRequest)
			return
		}
		mux.ServeHTTP(w, r)
	})
	guarded := demand("Metadata", "true", http.StatusBadRequest, versioned)
	return only("/metadata/", guarded)
}

func aws() http.Handler {
	const session, role = "AQAE" + canary + "AWS-SESSION==", "simlab-node-role"
	mux := http.NewServeMux()
	mux.Handle("GET /latest/meta-data/{$}", text("iam/\ninstance-id\nplacement/"))
	mux.Handle("GET /latest/meta-data/instance-id", text("i-00000000000000001"))
	mux.Handle("GET /latest/meta-data/placement/region", text("eu-central-1"))
	for _, end := range []string{"", "/{$}"} {
		mux.Handle("GET /latest/meta-data/iam/security-credentials"+end, text(role))
	}
	// Laid out as the service does, with a blank on each side of the colon.
	mux.Handle("GET /latest/meta-data/iam/security-credentials/"+role, text(`{
  "Code" : "Success",
  "LastUpdated" : "2025-01-01T00:00:00Z",
  "Type" : "AWS-HMAC",
  "AccessKeyId" : "ASIASIMLAB0000000000",
  "SecretAccessKey" : "`+canary+`-AWS-SECRET",
  "Token" : "`+canary+`-AWS",
  "Expiration" : "2099-01-01T00:00:00Z"
}`))
	guarded := demand("X-aws-ec2-metadata-token", session, http.StatusUnauthorized, mux)
	return only("/latest/", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/latest/api/token" {
			guarded.ServeHTTP(w, r)
		} else if r.Method != http.MethodPut {
			http.Error(w, "405 - Method Not Allowed", http.StatusMethodNotAllowed)
		} else if ttl := r.Header.Get("X-aws-ec2-metadata-token-ttl-seconds"); ttl == "" {
			http.Error(w, "400 - Bad Request", http.StatusBadRequest)
		} else {
			w.Header().Set("X-aws-ec2-metadata-token-ttl-seconds", ttl)
			text(session)(w, r)
		}
	}))
}

func gcp() http.Handler {
	const root = "/computeMetadata/v1/"
	mux := http.NewServeMux()
	mux.Handle("GET "+root+"{$}", text("instance/\noslogin/\nproject/\n"))
	mux.Handle("GET "+root+"project/project-id", text("simlab-project"))
	mux.Handle("GET "+root+"instance/zone", text("projects/1/zones/europe-west3-a"))
	mux.Handle("GET "+root+"instance/attributes/cluster-name", text("simlab"))
	mux.Handle("GET "+root+"instance/service-accounts/default/email", text("simlab@simlab-project.iam.gserviceaccount.com"))
	mux.Handle("GET "+root+"instance/service-accounts/default/token", compactJSON(map[string]any{
		"access_token": "ya29.c." + canary + "-GCP",
		"expires_in":   3599,
		"token_type":   "Bearer",
	}))
	guarded := demand("Metadata-Flavor", "Google", http.StatusForbidden, mux)
	return only("/computeMetadata/", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Metadata-Flavor", "Google")
		guarded.ServeHTTP(w, r)
	}))
}

func only(prefix string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, prefix) {
			http.NotFound(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}
