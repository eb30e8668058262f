/// The words of Word and PowerPoint files.
enum OfficeText {
    /// Reads a file of one of the Office types. Stops once `limits.maximumTextBytes` are exceeded.
    static func extract(
        _ bytes: [UInt8], type: AttachmentType, limits: AttachmentLimits
    ) throws(OfficeArchive.Failure) -> String {
        switch type {
        case .xlsx: return try SpreadsheetText.extract(bytes, limits: limits)
        case .pptx:
            let archive = try OfficeArchive(bytes, limits: limits) { name in
                (name.hasPrefix("ppt/slides/slide") || name.hasPrefix("ppt/notesSlides/notesSlide"))
                    && name.hasSuffix(".xml")
            }
            guard archive.parts.keys.contains(where: { $0.hasPrefix("ppt/slides/") }) else { throw .damaged }
            return joined(archive, order: archive.parts.keys.sorted { slideOrder($0) < slideOrder($1) }, limits)
        default:
            let archive = try OfficeArchive(bytes, limits: limits) { name in
                let isPart = ["document", "header", "footer", "footnotes", "endnotes", "comments"].contains {
                    name.hasPrefix("word/" + $0)
                }
                return isPart && name.hasSuffix(".xml") && !name.hasPrefix("word/commentsE")
            }
            guard archive.parts["word/document.xml"] != nil else { throw .damaged }
            let rest = archive.parts.keys.filter { $0 != "word/document.xml" }.sorted()
            return joined(archive, order: ["word/document.xml"] + rest, limits)
        }
    }

    private static func joined(_ archive: OfficeArchive, order: [String], _ limits: AttachmentLimits) -> String {
        var out: [UInt8] = []
        for name in order {
            appendParagraphs(archive.parts[name] ?? [], limit: limits.maximumTextBytes, to: &out)
            out.append(0x0A)
            if out.count > limits.maximumTextBytes { break }
        }
        return trimmed(out)
    }

    /// Slides by number, each slide's notes behind it.
    private static func slideOrder(_ name: String) -> (Int, Int) {
        let digits = name.filter { $0.isASCII && $0.isNumber }
        return (Int(digits) ?? .max, name.hasPrefix("ppt/notes") ? 1 : 0)
    }

    /// The content of `t` elements; paragraphs, rows and breaks end lines, cells end with tabs.
    private static func appendParagraphs(_ xml: [UInt8], limit: Int, to out: inout [UInt8]) {
        var scanner = MarkupScanner(xml)
        var isText = false
        while let event = scanner.next(), out.count <= limit {
            switch event {
            case .text(let text): if isText { MarkupScanner.appendText(text, to: &out) }
            case .literal(let text): if isText { out += text }
            case .tag(let name, let kind, _):
                switch (String(decoding: name.prefix(8), as: UTF8.self), kind) {
                case ("t", .opening): isText = true
                case ("t", _): isText = false
                case ("tab", .empty), ("tab", .opening): out.append(0x09)
                case ("br", .empty), ("br", .opening), ("cr", .empty): out.append(0x0A)
                case ("p", .closing): out.append(0x0A)
                case ("tc", .closing):
                    while out.last == 0x0A { out.removeLast() }
                    out.append(0x09)
                case ("tr", .closing):
                    while out.last == 0x09 { out.removeLast() }
                    out.append(0x0A)
                default: break
                }
            }
        }
    }

    /// Text without blank lines in a row and without blanks at its ends.
    static func trimmed(_ bytes: [UInt8]) -> String {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        for byte in bytes {
            if byte == 0x0A {
                while out.last == 0x20 || out.last == 0x09 { out.removeLast() }
                if out.isEmpty || out.suffix(2) == [0x0A, 0x0A] { continue }
            }
            out.append(byte)
        }
        while let last = out.last, last == 0x0A || last == 0x20 || last == 0x09 { out.removeLast() }
        return String(decoding: out, as: UTF8.self)
    }
}
