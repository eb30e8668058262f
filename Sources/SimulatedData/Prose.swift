/// Writes sentences that read like real engineering work, the same ones for the same random sequence.
public struct Prose: Sendable {
    public var random: SeededRandom

    public init(_ random: SeededRandom) {
        self.random = random
    }

    /// One line that names a problem or a wish, at most 120 characters or so.
    public mutating func summary(isBug: Bool) -> String {
        fill(random.pick(isBug ? Templates.bugSummaries : Templates.taskSummaries))
    }

    public mutating func paragraph(sentences count: Int) -> String {
        write(count, from: Templates.statements)
    }

    /// What somebody answers under an issue.
    public mutating func remark(sentences count: Int) -> String {
        write(count, from: Templates.remarks)
    }

    public mutating func step() -> String { fill(random.pick(Templates.steps)) }
    public mutating func worklogNote() -> String { fill(random.pick(Templates.worklogNotes)) }
    public mutating func logLine() -> String { fill(random.pick(Templates.logLines)) }

    /// A short name such as a sprint's goal or a component's description.
    public mutating func phrase() -> String { fill(random.pick(Templates.phrases)) }

    public mutating func codename() -> String { random.pickSkewed(Lexicon.codenames) }

    /// A stack trace of a few frames.
    public mutating func stackTrace() -> String {
        var out: [UInt8] = []
        append(Templates.traceHead, to: &out)
        for _ in 0..<random.within(3...6) { append(Templates.traceFrame, to: &out) }
        return String(decoding: out, as: UTF8.self)
    }

    private mutating func write(_ count: Int, from templates: [Template]) -> String {
        var out: [UInt8] = []
        out.reserveCapacity(count * 96)
        for position in 0..<count {
            if position > 0 { out.append(UInt8(ascii: " ")) }
            append(templates[random.below(templates.count)], to: &out)
        }
        return String(decoding: out, as: UTF8.self)
    }

    private mutating func fill(_ template: Template) -> String {
        var out: [UInt8] = []
        out.reserveCapacity(128)
        append(template, to: &out)
        return String(decoding: out, as: UTF8.self)
    }

    private mutating func append(_ template: Template, to out: inout [UInt8]) {
        for part in template.parts {
            switch part {
            case .literal(let bytes): out += bytes
            case .slot(let slot): append(slot, to: &out)
            }
        }
    }

    private mutating func append(_ slot: Template.Slot, to out: inout [UInt8]) {
        switch slot {
        case .noun: out += random.pickSkewed(Lexicon.nouns).utf8
        case .adjective: out += random.pickSkewed(Lexicon.adjectives).utf8
        case .verb: out += random.pickSkewed(Lexicon.verbs).utf8
        case .participle: out += random.pickSkewed(Lexicon.participles).utf8
        case .exception: out += random.pickSkewed(Lexicon.exceptions).utf8
        case .codename: out += random.pickSkewed(Lexicon.codenames).utf8
        case .area: out += random.pick(Lexicon.areas).utf8
        case .environment: out += random.pick(Lexicon.environments).utf8
        case .browser: out += random.pick(Lexicon.browsers).utf8
        case .person: out += random.pick(Lexicon.firstNames).utf8
        case .className:
            out += random.pickSkewed(Lexicon.classPrefixes).utf8
            out += random.pickSkewed(Lexicon.classSuffixes).utf8
        case .number: out += String(random.within(2...900)).utf8
        case .line: out += String(random.within(12...1_400)).utf8
        case .errorCode:
            out.append(UInt8(ascii: "E"))
            out += String(1_000 + random.skewed(8_999)).utf8
        case .version:
            out += "\(random.within(1...9)).\(random.below(20)).\(random.below(12))".utf8
        case .hash: out += random.hexadecimal(8).utf8
        case .clock:
            out.appendDigits(random.below(24), width: 2)
            out.append(UInt8(ascii: ":"))
            out.appendDigits(random.below(60), width: 2)
            out.append(UInt8(ascii: ":"))
            out.appendDigits(random.below(60), width: 2)
        }
    }
}

/// A sentence with gaps, cut into parts once.
struct Template: Sendable {
    enum Slot: String {
        case noun, adjective, verb, participle, exception, codename, area, environment, browser, person, className
        case number, line, errorCode, version, hash, clock
    }

    enum Part: Sendable {
        case literal([UInt8])
        case slot(Slot)
    }

    let parts: [Part]

    /// - Parameter text: Words with gaps such as `<noun>`.
    init(_ text: String) {
        var parts: [Part] = []
        var rest = text[...]
        while let open = rest.firstIndex(of: "<"), let close = rest[open...].firstIndex(of: ">") {
            guard let slot = Slot(rawValue: String(rest[rest.index(after: open)..<close])) else { break }
            parts.append(.literal(Array(rest[..<open].utf8)))
            parts.append(.slot(slot))
            rest = rest[rest.index(after: close)...]
        }
        parts.append(.literal(Array(rest.utf8)))
        self.parts = parts
    }
}
