// Waits until a server answers, so that the next part is started when it can work and not later.
package main

import (
	"crypto/tls"
	"flag"
	"fmt"
	"net/http"
	"time"
)

// waitHTTP ends when the address answers 200. The certificate is not looked at: only readiness is asked, on the loopback.
func waitHTTP(arguments []string) error {
	flags := flag.NewFlagSet("wait-http", flag.ExitOnError)
	timeout := flags.Duration("timeout", 60*time.Second, "how long to wait")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	client := &http.Client{
		Timeout:   5 * time.Second,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true},
	}
	last := "no answer"
	for deadline := time.Now().Add(*timeout); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		response, err := client.Get(flags.Arg(0))
		if err != nil {
			last = err.Error()
			continue
		}
		_ = response.Body.Close()
		if response.StatusCode == http.StatusOK {
			return nil
		}
		last = response.Status
	}
	return fmt.Errorf("%s is not ready after %s: %s", flags.Arg(0), *timeout, last)
}
