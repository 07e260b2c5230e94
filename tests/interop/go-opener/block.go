package main

import (
	"errors"
	"fmt"
	"hash"
	"math"
	"strconv"
	"unicode/utf8"
)

const (
	eventLimit = 32768

	kindMove       = 0
	kindDrag       = 1
	kindKeyDown    = 2
	kindKeyUp      = 3
	kindButtonDown = 4
	kindButtonUp   = 5
	kindScroll     = 6
	kindWindow     = 7
	kindGap        = 8
)

var (
	errOrder = errors.New("ticks decrease")
	errShort = errors.New("bytes are missing")

	kindWords  = [...]string{"move", "drag", "key-down", "key-up", "button-down", "button-up", "scroll", "window", "gap"}
	actorWords = [...]string{"human", "injected", "agent", "unknown"}
	shapeWords = [...]string{"letter", "digit", "space", "punctuation", "newline"}
)

// An input is read from its start. Its first error stays, and from then on it gives zeros.
type input struct {
	rest []byte
	err  error
}

func (in *input) fail(err error) {
	if in.err == nil {
		in.err = err
	}
	in.rest = nil
}

func (in *input) take(n uint64) []byte {
	if n > uint64(len(in.rest)) {
		in.fail(errShort)
		return nil
	}
	taken := in.rest[:n]
	in.rest = in.rest[n:]
	return taken
}

func (in *input) byte() byte {
	if taken := in.take(1); taken != nil {
		return taken[0]
	}
	return 0
}

func (in *input) varint() uint64 {
	var value uint64
	for shift := 0; ; shift += 7 {
		b := in.byte()
		switch {
		case in.err != nil:
			return 0
		case shift == 63 && b > 1:
			in.fail(errors.New("a varint of more than 64 bits"))
			return 0
		case shift > 0 && b == 0:
			in.fail(errors.New("a varint that could be shorter"))
			return 0
		}
		value |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return value
		}
	}
}

func (in *input) zigzag() int64 {
	return unzigzag(in.varint())
}

// index reads the place of one of the many entries of a table.
func (in *input) index(many int) int {
	index := in.varint()
	if index >= uint64(many) {
		in.fail(fmt.Errorf("entry %d of a table of %d", index, many))
		return 0
	}
	return int(index)
}

// word reads a byte and says what it stands for.
func (in *input) word(words []string) string {
	b := int(in.byte())
	if b >= len(words) {
		in.fail(fmt.Errorf("%d, where there are %d kinds", b, len(words)))
		return ""
	}
	return words[b]
}

// frame reads a compressed frame of a block.
func (in *input) frame() *input {
	expanded, compressed := in.varint(), in.varint()
	taken := in.take(compressed)
	if in.err != nil {
		return &input{err: in.err}
	}
	if expanded > expandedLimit {
		return &input{err: fmt.Errorf("a frame expands to %d bytes", expanded)}
	}
	plain, err := expand(taken, int(expanded))
	if err == nil && uint64(len(plain)) != expanded {
		err = fmt.Errorf("a frame expands to %d bytes, not to %d", len(plain), expanded)
	}
	return &input{plain, err}
}

// end says what went wrong, or that something is left over.
func (in *input) end() error {
	if in.err == nil && len(in.rest) != 0 {
		return fmt.Errorf("%d bytes are not used", len(in.rest))
	}
	return in.err
}

func unzigzag(value uint64) int64 {
	return int64(value>>1) ^ -int64(value&1)
}

// escaped gives the value of a main byte and what the side bytes add to it.
func escaped(main byte, side *input, shift int) uint64 {
	var low, value uint64
	if shift == 8 {
		low = uint64(side.byte())
	}
	switch {
	case main < 240:
		value = uint64(main)
	case main < 255:
		value = 240 + uint64(main-240)<<8 + uint64(side.byte())
	default:
		value = side.varint()
		if value > math.MaxUint64-240 {
			side.fail(errors.New("an escaped value of more than 64 bits"))
			return 0
		}
		value += 240
	}
	if value > math.MaxUint64>>shift {
		side.fail(errors.New("an escaped value of more than 64 bits"))
		return 0
	}
	return value<<shift | low
}

func hasPosition(kind byte) bool {
	switch kind {
	case kindMove, kindDrag, kindButtonDown, kindButtonUp, kindScroll:
		return true
	}
	return false
}

func isKey(kind byte) bool {
	return kind == kindKeyDown || kind == kindKeyUp
}

func isButton(kind byte) bool {
	return kind == kindButtonDown || kind == kindButtonUp
}

// A table holds what the events of one block refer to.
type table struct {
	actors       []string // one for each event
	applications []string
	keys         []string
	kinds        []byte
}

func decodeTable(in *input, count int) table {
	var t table
	for range in.each() {
		length, actor := in.varint(), in.word(actorWords[:])
		if length > uint64(count-len(t.actors)) {
			in.fail(errors.New("actors for more events than there are"))
			break
		}
		for range length {
			t.actors = append(t.actors, actor)
		}
	}
	if len(t.actors) != count {
		in.fail(fmt.Errorf("actors for %d of %d events", len(t.actors), count))
	}
	for range in.each() {
		name := in.take(in.varint())
		if !utf8.Valid(name) {
			in.fail(errors.New("an application that is not UTF-8"))
		}
		t.applications = append(t.applications, string(name))
	}
	for range in.each() {
		t.keys = append(t.keys, decodeKey(in))
	}
	t.kinds = in.take(uint64(count))
	for _, kind := range t.kinds {
		if kind > kindGap {
			in.fail(fmt.Errorf("kind %d", kind))
		}
	}
	return t
}

// each reads a number and yields as often, but not after an error: a number alone makes no work.
func (in *input) each() func(yield func(uint64) bool) {
	return func(yield func(uint64) bool) {
		number := in.varint()
		for n := uint64(0); n < number && in.err == nil && yield(n); n++ {
		}
	}
}

func decodeKey(in *input) string {
	switch form := in.byte(); form {
	case 0:
		return "shape " + in.word(shapeWords[:])
	case 1:
		usage := in.usage()
		return "named " + usage + " " + in.word(namedKeys[:])
	case 2:
		usage, code := in.usage(), in.varint()
		if code > utf8.MaxRune || !utf8.ValidRune(rune(code)) {
			in.fail(fmt.Errorf("code point %d", code))
		}
		return "shortcut " + usage + " " + strconv.FormatUint(code, 10)
	default:
		in.fail(fmt.Errorf("a key of form %d", form))
		return ""
	}
}

func (in *input) usage() string {
	high, low := in.byte(), in.byte()
	return strconv.Itoa(int(high)<<8 | int(low))
}

// decodeBlock writes a block's events, none of which may be before the tick `after`, and gives the last one's tick.
func decodeBlock(plain []byte, after uint64, text hash.Hash) (uint64, error) {
	in := &input{rest: plain}
	count, first, shift := in.varint(), in.varint(), int(in.byte())
	a, b, c := in.frame(), in.frame(), in.frame()
	if err := errors.Join(in.end(), a.err, b.err, c.err); err != nil {
		return 0, err
	}
	if count > eventLimit {
		return 0, fmt.Errorf("%d events", count)
	}
	if shift != 0 && shift != 8 {
		return 0, fmt.Errorf("time shift %d", shift)
	}

	t := decodeTable(a, int(count))
	timeMain := a.take(count)
	if err := a.end(); err != nil {
		return 0, fmt.Errorf("frame A: %w", err)
	}

	// Each column of frame B begins where the one before ends, so each is read to its end before the next.
	var keys, buttons, applications []string
	var scrolls []string
	positions := uint64(0)
	for _, kind := range t.kinds {
		if isKey(kind) && b.err == nil {
			if index := b.index(len(t.keys)); b.err == nil {
				keys = append(keys, t.keys[index])
			}
		}
		if hasPosition(kind) {
			positions++
		}
	}
	for _, kind := range t.kinds {
		if isButton(kind) {
			buttons = append(buttons, strconv.Itoa(int(b.byte())))
		}
	}
	for _, kind := range t.kinds {
		if kind == kindScroll {
			dx, dy := b.zigzag(), b.zigzag()
			scrolls = append(scrolls, fmt.Sprintf("%d %d", dx, dy))
		}
	}
	for _, kind := range t.kinds {
		if kind == kindWindow && b.err == nil {
			if index := b.index(len(t.applications)); b.err == nil {
				applications = append(applications, t.applications[index])
			}
		}
	}
	ticks, err := decodeTicks(timeMain, b, shift, first)
	if err != nil {
		return 0, err
	}
	xs, err := decodePositions(c.take(positions), b)
	if err != nil {
		return 0, err
	}
	ys, err := decodePositions(c.take(positions), b)
	if err != nil {
		return 0, err
	}
	if err := errors.Join(b.end(), c.end()); err != nil {
		return 0, fmt.Errorf("frame B or C: %w", err)
	}

	next := func(column *[]string) string {
		value := (*column)[0]
		*column = (*column)[1:]
		return value
	}
	for n, kind := range t.kinds {
		if ticks[n] < after {
			return 0, errOrder
		}
		after = ticks[n]
		line := strconv.FormatUint(ticks[n], 10) + " " + t.actors[n] + " " + kindWords[kind]
		switch {
		case isKey(kind):
			line += " " + next(&keys)
		case isButton(kind):
			line += " " + next(&buttons)
		case kind == kindScroll:
			line += " " + next(&scrolls)
		case kind == kindWindow:
			line += " " + next(&applications)
		}
		if hasPosition(kind) {
			line += fmt.Sprintf(" %d %d", xs[0], ys[0])
			xs, ys = xs[1:], ys[1:]
		}
		fmt.Fprintln(text, line)
	}
	return after, nil
}

func decodeTicks(main []byte, side *input, shift int, tick uint64) ([]uint64, error) {
	ticks := make([]uint64, 0, len(main))
	for _, m := range main {
		passed := escaped(m, side, shift)
		if side.err != nil {
			return nil, fmt.Errorf("times: %w", side.err)
		}
		if passed > math.MaxUint64-tick {
			return nil, errors.New("a tick of more than 64 bits")
		}
		tick += passed
		ticks = append(ticks, tick)
	}
	return ticks, nil
}

func decodePositions(main []byte, side *input) ([]int64, error) {
	positions := make([]int64, 0, len(main))
	var position int64
	for _, m := range main {
		step := unzigzag(escaped(m, side, 0))
		if side.err != nil {
			return nil, fmt.Errorf("positions: %w", side.err)
		}
		sum := position + step
		if (sum > position) != (step > 0) {
			return nil, errors.New("a position of more than 64 bits")
		}
		position = sum
		positions = append(positions, position)
	}
	return positions, nil
}
