package main

import (
	"context"
	"net/http"
	"os"
	"time"
)

// ready answers the kubelet's probe from now on, where an address is given: the sensor watches.
func ready(ctx context.Context, address string) {
	if address == "" {
		return
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ready", func(answer http.ResponseWriter, _ *http.Request) { answer.WriteHeader(http.StatusOK) })
	server := &http.Server{Addr: address, Handler: mux, ReadTimeout: 5 * time.Second, WriteTimeout: 5 * time.Second, MaxHeaderBytes: 4096}
	go func() {
		if err := server.ListenAndServe(); err != http.ErrServerClosed {
			os.Stderr.WriteString("sensor: readiness: " + err.Error() + "\n")
		}
	}()
	context.AfterFunc(ctx, func() { server.Close() })
}
