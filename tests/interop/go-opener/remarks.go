package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"strconv"
	"unicode/utf8"
)

// decodeRemarks checks a chunk of remarks. They have no text form, so their JSON is hashed as it is.
func decodeRemarks(plain []byte, text hash.Hash) error {
	data, err := expand(plain, expandedLimit)
	if err != nil {
		return err
	}
	if len(data) > expandedLimit {
		return errors.New("remarks expand without end")
	}
	if !utf8.Valid(data) {
		return errors.New("remarks that are not UTF-8")
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := expectToken(decoder, json.Delim('[')); err != nil {
		return err
	}
	for decoder.More() {
		if err := decodeRemark(decoder); err != nil {
			return err
		}
	}
	if err := expectToken(decoder, json.Delim(']')); err != nil {
		return err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return errors.New("something follows the remarks")
	}
	text.Write(data)
	return nil
}

func expectToken(decoder *json.Decoder, expected json.Delim) error {
	token, err := decoder.Token()
	if err == nil && token != expected {
		err = fmt.Errorf("%v where %v should be", token, expected)
	}
	return err
}

func decodeRemark(decoder *json.Decoder) error {
	if err := expectToken(decoder, json.Delim('{')); err != nil {
		return err
	}
	missing := map[string]bool{"from": true, "to": true, "rule": true, "events": true}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return err
		}
		name, _ := token.(string)
		if !missing[name] {
			return fmt.Errorf("a remark has %v too much", token)
		}
		delete(missing, name)
		if token, err = decoder.Token(); err != nil {
			return err
		}
		switch value := token.(type) {
		case string:
			if name != "rule" || value == "" {
				return fmt.Errorf("%s is %q", name, value)
			}
		case json.Number:
			if _, err := strconv.ParseUint(value.String(), 10, 64); name == "rule" || err != nil {
				return fmt.Errorf("%s is %v", name, value)
			}
		default:
			return fmt.Errorf("%s is %v", name, value)
		}
	}
	if len(missing) != 0 {
		return fmt.Errorf("a remark lacks %d of its members", len(missing))
	}
	return expectToken(decoder, json.Delim('}'))
}
