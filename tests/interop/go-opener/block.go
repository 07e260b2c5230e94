package main

import (
	"bytes"
	"errors"
	"fmt"
	"hash"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	eventLimit = 32768
	nameLimit  = 255
	textKey    = "text "

	labelled         = 6
	elementNameLimit = 64

	kindMove       = 0
	kindDrag       = 1
	kindKeyDown    = 2
	kindKeyUp      = 3
	kindButtonDown = 4
	kindButtonUp   = 5
	kindScroll     = 6
	kindWindow     = 7
	kindGap        = 8
	kindSurrogate  = 9
	kindElement    = 10
)

var (
	errOrder = errors.New("ticks decrease")
	errShort = errors.New("bytes are missing")

	kindWords = [...]string{
		"move", "drag", "key-down", "key-up", "button-down", "button-up", "scroll", "window", "gap", "surrogate",
		"element",
	}
	actorWords = [...]string{"human", "injected", "agent", "unknown"}
	shapeWords = [...]string{"letter", "digit", "space", "punctuation", "newline"}

	surrogateWords = [...]string{
		"EMAIL", "URL", "IP", "MAC", "PHONE", "CARD", "ACCOUNT", "NATIONAL_ID", "BIRTH_DATE", "ADDRESS", "NAME",
	}

	elementOfWords = [...]string{"press", "focus"}
	// The first labelled ones may have a name.
	elementRoleWords = [...]string{
		"button", "checkbox", "radio", "switch", "menu", "menuitem", "link", "tab", "textbox", "combobox", "spinbutton",
		"slider", "scrollbar", "listbox", "option", "tree", "treeitem", "cell", "heading", "img", "document", "dialog",
		"toolbar", "terminal", "other",
	}
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

func (in *input) distance() int64 {
	value := unzigzag(in.varint())
	if value != int64(int32(value)) {
		in.fail(errors.New("a distance of more than 32 bits"))
	}
	return value
}

// A lookup goes through a table whose entries stand in the order of their first use.
type lookup struct {
	table []string
	used  int
}

// next reads the place of an entry that was used before, or of the first that was not.
func (l *lookup) next(in *input) string {
	index := in.varint()
	if in.err == nil && (index > uint64(l.used) || index >= uint64(len(l.table))) {
		in.fail(fmt.Errorf("entry %d of %d, after %d were used", index, len(l.table), l.used))
	}
	if in.err != nil {
		return ""
	}
	l.used = max(l.used, int(index)+1)
	return l.table[index]
}

func (l *lookup) end() error {
	if l.used != len(l.table) {
		return fmt.Errorf("%d of %d entries of a table are used", l.used, len(l.table))
	}
	return nil
}

func twice(table []string) bool {
	seen := map[string]bool{}
	for _, entry := range table {
		if seen[entry] {
			return true
		}
		seen[entry] = true
	}
	return false
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
	if expanded > blockLimit {
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
		if value < 4080 {
			side.fail(errors.New("an escaped value that could be shorter"))
			return 0
		}
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
		before := len(t.actors)
		if length == 0 || before > 0 && t.actors[before-1] == actor {
			in.fail(errors.New("a run of actors that is empty or goes on"))
			break
		}
		if length > uint64(count-before) {
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
		if !utf8.Valid(name) || len(name) < 1 || len(name) > nameLimit {
			in.fail(errors.New("an application of a bad length, or not UTF-8"))
		}
		if bytes.ContainsFunc(name, unicode.IsControl) {
			in.fail(errors.New("a control character in an application"))
		}
		t.applications = append(t.applications, string(name))
	}
	for range in.each() {
		t.keys = append(t.keys, decodeKey(in))
	}
	if twice(t.applications) || twice(t.keys) {
		in.fail(errors.New("an entry stands twice in its table"))
	}
	t.kinds = in.take(uint64(count))
	for _, kind := range t.kinds {
		if int(kind) >= len(kindWords) {
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
		usage := in.usage()
		return "shortcut " + usage + " " + strconv.Itoa(int(in.scalar()))
	case 3:
		code := in.scalar()
		if unicode.IsControl(code) {
			in.fail(fmt.Errorf("a control character, %d, for text", code))
		}
		return textKey + strconv.Itoa(int(code))
	default:
		in.fail(fmt.Errorf("a key of form %d", form))
		return ""
	}
}

// scalar reads a Unicode scalar value.
func (in *input) scalar() rune {
	code := in.varint()
	if code > utf8.MaxRune || !utf8.ValidRune(rune(code)) {
		in.fail(fmt.Errorf("code point %d", code))
		return 0
	}
	return rune(code)
}

func (in *input) surrogate() string {
	of, number := in.word(surrogateWords[:]), in.varint()
	if number < 1 || number > math.MaxUint32 {
		in.fail(fmt.Errorf("surrogate number %d", number))
	}
	return of + " " + strconv.FormatUint(number, 10)
}

func (in *input) element() string {
	of := in.word(elementOfWords[:])
	role := in.word(elementRoleWords[:])
	name := in.take(in.varint())
	if len(name) > 0 {
		if !slices.Contains(elementRoleWords[:labelled], role) {
			in.fail(fmt.Errorf("a name of a %s", role))
		}
		if !utf8.Valid(name) || utf8.RuneCount(name) > elementNameLimit || bytes.ContainsFunc(name, unicode.IsControl) {
			in.fail(errors.New("a name of an element that is too long, not UTF-8 or with a control character"))
		}
	}
	x, y := in.distance(), in.distance()
	width, height := in.varint(), in.varint()
	if max(width, height) > math.MaxUint32 {
		in.fail(errors.New("an element of more than 32 bits"))
	}
	text := fmt.Sprintf("%s %s %d %d %d %d", of, role, x, y, width, height)
	if len(name) > 0 {
		text += " " + string(name)
	}
	return text
}

func (in *input) usage() string {
	high, low := in.byte(), in.byte()
	return strconv.Itoa(int(high)<<8 | int(low))
}

// decodeBlock writes a block's events, none of which may be before the last one's tick.
func (s *state) decodeBlock(plain []byte, text hash.Hash) error {
	in := &input{rest: plain}
	count, first, shift := in.varint(), in.varint(), int(in.byte())
	a, b, c := in.frame(), in.frame(), in.frame()
	if err := errors.Join(in.end(), a.err, b.err, c.err); err != nil {
		return err
	}
	if count > s.events {
		return fmt.Errorf("%d events, where %d may follow", count, s.events)
	}
	s.events -= count
	if shift != 0 && shift != 8 {
		return fmt.Errorf("time shift %d", shift)
	}

	t := decodeTable(a, int(count))
	timeMain := a.take(count)
	if err := a.end(); err != nil {
		return fmt.Errorf("frame A: %w", err)
	}

	// Each column of frame B begins where the one before ends, so each is read to its end before the next.
	var keys, buttons, applications, surrogates, elements []string
	keyTable, applicationTable := lookup{table: t.keys}, lookup{table: t.applications}
	var scrolls []string
	positions := uint64(0)
	for _, kind := range t.kinds {
		if isKey(kind) {
			key := keyTable.next(b)
			if kind == kindKeyUp && strings.HasPrefix(key, textKey) {
				b.fail(errors.New("text on the way up"))
			}
			keys = append(keys, key)
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
			dx, dy := b.distance(), b.distance()
			scrolls = append(scrolls, fmt.Sprintf("%d %d", dx, dy))
		}
	}
	for _, kind := range t.kinds {
		if kind == kindWindow {
			applications = append(applications, applicationTable.next(b))
		}
	}
	for _, kind := range t.kinds {
		if kind == kindSurrogate {
			surrogates = append(surrogates, b.surrogate())
		}
	}
	for _, kind := range t.kinds {
		if kind == kindElement {
			elements = append(elements, b.element())
		}
	}
	if err := errors.Join(b.err, keyTable.end(), applicationTable.end()); err != nil {
		return fmt.Errorf("tables: %w", err)
	}
	ticks, err := decodeTicks(timeMain, b, shift, first)
	if err != nil {
		return err
	}
	if len(ticks) > 0 && ticks[0] != first || len(ticks) == 0 && first != 0 {
		return errors.New("the first tick is not the first event's")
	}
	xs, err := decodePositions(c.take(positions), b)
	if err != nil {
		return err
	}
	ys, err := decodePositions(c.take(positions), b)
	if err != nil {
		return err
	}
	if err := errors.Join(b.end(), c.end()); err != nil {
		return fmt.Errorf("frame B or C: %w", err)
	}

	next := func(column *[]string) string {
		value := (*column)[0]
		*column = (*column)[1:]
		return value
	}
	for n, kind := range t.kinds {
		if ticks[n] < s.tick {
			return errOrder
		}
		s.tick = ticks[n]
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
		case kind == kindSurrogate:
			line += " " + next(&surrogates)
		case kind == kindElement:
			line += " " + next(&elements)
		}
		if hasPosition(kind) {
			line += fmt.Sprintf(" %d %d", xs[0], ys[0])
			xs, ys = xs[1:], ys[1:]
		}
		fmt.Fprintln(text, line)
	}
	return nil
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
		// A step has at most 33 bits, so that its sum with a position does not overflow.
		if high := step >> 33; high != 0 && high != -1 || position+step != int64(int32(position+step)) {
			return nil, errors.New("a position of more than 32 bits")
		}
		position += step
		positions = append(positions, position)
	}
	return positions, nil
}
