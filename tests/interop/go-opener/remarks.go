package main

import (
	"errors"
	"fmt"
	"hash"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const number = `(0|[1-9][0-9]*)`

var (
	remarkForm = regexp.MustCompile(
		`^\{"from":` + number + `,"to":` + number + `,"rule":"([a-z-]+)"(?:,"events":` + number + `)?\}`)
	remarkRules = []string{
		"secret-field", "unknown-field", "application-not-allowed", "unknown-key", "text-modifier", "unmatched-release",
		"source-gap", "private-context", "private-data", "secret-value", "special-category", "personal-list", "text-policy",
		"late-evidence", "failed-check",
	}
)

// decodeRemarks writes a chunk's remarks, each on a line of its own.
func (s *state) decodeRemarks(plain []byte, text hash.Hash) error {
	data, err := expand(plain, s.remarks)
	if err != nil {
		return err
	}
	if len(data) > s.remarks {
		return errors.New("remarks expand to too much")
	}
	s.remarks -= len(data)
	rest := string(data)
	if rest == "[]" {
		return nil
	}
	for before := "["; ; before = "," {
		var found bool
		if rest, found = strings.CutPrefix(rest, before); !found {
			return fmt.Errorf("no %q", before)
		}
		parts := remarkForm.FindStringSubmatch(rest)
		if parts == nil {
			return errors.New("not a remark")
		}
		for _, number := range []string{parts[1], parts[2], parts[4]} {
			if _, err := strconv.ParseUint(number, 10, 64); err != nil && number != "" {
				return err
			}
		}
		if !slices.Contains(remarkRules, parts[3]) {
			return fmt.Errorf("no rule %q", parts[3])
		}
		fmt.Fprintln(text, parts[0])
		if rest = rest[len(parts[0]):]; rest == "]" {
			return nil
		}
	}
}
