import MarkupText

/// A part of a line while its effects are being paired.
enum WikiPiece {
    case words(Range<Int>)
    case text(String)
    case code(Range<Int>)
    case lineBreak
    case emoticon(WikiSymbols.Emoticon)
    case image(Range<Int>)
    /// `[…]` with its parts: words, target, as ranges of the text.
    case link(words: Range<Int>?, target: WikiLink.Target)
    /// A sign that may begin or end an effect; `role` is settled when its partner is found.
    case sign(effect: Int, range: Range<Int>, role: Role)
    case colorStart(Range<Int>)
    case colorEnd

    enum Role { case words, start, end }
}

extension WikiReader {
    static let effects: [(sign: UInt8, mark: Marks)] = [
        (UInt8(ascii: "*"), .strong), (UInt8(ascii: "_"), .em), (UInt8(ascii: "-"), .strike),
        (UInt8(ascii: "+"), .underline), (UInt8(ascii: "^"), .superscript), (UInt8(ascii: "~"), .subscript),
        (UInt8(ascii: "?"), .citation),
    ]

    /// Reads one line's words. `marks` and `link` apply to all of it.
    mutating func readInline(
        _ range: Range<Int>, marks: Marks = [], link: [UInt8]? = nil
    ) throws(DocumentError) {
        var scanner = WikiScanner(bytes: bytes, macros: macros, range: range, inLink: link != nil)
        let pieces = scanner.scan()
        var counts = [Int](repeating: 0, count: Self.effects.count)
        for piece in pieces {
            var present = marks
            for (effect, count) in counts.enumerated() where count > 0 { present.insert(Self.effects[effect].mark) }
            switch piece {
            case .words(let range): try add(Array(bytes[range]), present, link)
            case .text(let text): try add(Array(text.utf8), present, link)
            case .code(let range): try add(Array(bytes[range]), present.union(.code), link)
            case .lineBreak: try builder.leaf(.hardBreak)
            case .emoticon(let emoticon):
                builder.set(.shortName, emoticon.name)
                builder.set(.text, emoticon.symbol)
                try builder.leaf(.emoji, marks: apply(present, link))
            case .image(let range): try addImage(range, apply(present, link))
            case .link(let words, let target): try addLink(words, target, present)
            case .sign(_, let range, .words): try add(Array(bytes[range]), present, link)
            case .sign(let effect, _, .start): counts[effect] += 1
            case .sign(let effect, _, .end): counts[effect] -= 1
            case .colorStart(let color): colors.append(color)
            case .colorEnd: _ = colors.popLast()
            }
        }
    }

    private mutating func add(_ words: [UInt8], _ marks: Marks, _ link: [UInt8]?) throws(DocumentError) {
        guard !words.isEmpty else { return }
        let marks = apply(marks, link)
        try builder.text(words, marks: marks)
    }

    /// Sets the attributes that go with the marks: the link's target, the innermost colour.
    private mutating func apply(_ marks: Marks, _ link: [UInt8]?) -> Marks {
        var marks = marks
        if let link {
            link.withUnsafeBufferPointer { builder.set(.href, $0) }
            marks.insert(.link)
        }
        if let color = colors.last {
            bytes[color].withUnsafeBufferPointer { builder.set(.color, $0) }
            marks.insert(.textColor)
        }
        return marks
    }

    private mutating func addLink(
        _ words: Range<Int>?, _ target: WikiLink.Target, _ marks: Marks
    ) throws(DocumentError) {
        switch target {
        case .person(let id):
            id.withUnsafeBufferPointer { builder.set(.id, $0) }
            if let words { bytes[words].withUnsafeBufferPointer { builder.set(.text, $0) } }
            try builder.leaf(.mention, marks: marks)
        case .file(let name):
            if let words {
                try readInline(words, marks: marks)
                try add([0x20], marks, nil)
            }
            name.withUnsafeBufferPointer { builder.set(.alt, $0) }
            builder.set(.mediaType, "file")
            try builder.leaf(.mediaInline, marks: marks)
        case .address(let url), .anchor(let url):
            if let words {
                try readInline(words, marks: marks, link: url)
            } else {
                let isMail = url.starts(with: "mailto:".utf8)
                try add(isMail ? Array(url.dropFirst(7)) : url, marks, url)
            }
        }
    }

    /// `!name|thumbnail!`, `!name|width=300,height=200!`.
    private mutating func addImage(_ range: Range<Int>, _ marks: Marks) throws(DocumentError) {
        let name = bytes[range].prefix { $0 != UInt8(ascii: "|") }
        name.withUnsafeBufferPointer { builder.set(SafeURL.isWebOrMail(name) ? .url : .alt, $0) }
        let options = bytes[range].dropFirst(name.count + 1).map { $0 == UInt8(ascii: ",") ? UInt8(ascii: "|") : $0 }
        let parameters = WikiParameters(options.map { $0 >= 0x41 && $0 <= 0x5A ? $0 + 0x20 : $0 }[...])
        if let width = parameters["width"].flatMap({ Int($0) }) { builder.set(.width, width) }
        if let height = parameters["height"].flatMap({ Int($0) }) { builder.set(.height, height) }
        builder.set(.mediaType, "image")
        try builder.leaf(.mediaInline, marks: marks)
    }
}
