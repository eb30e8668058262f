/// The words and numbers of Excel files: one line a row, cells parted by tabs.
enum SpreadsheetText {
    static func extract(_ bytes: [UInt8], limits: AttachmentLimits) throws(OfficeArchive.Failure) -> String {
        let archive = try OfficeArchive(bytes, limits: limits) { name in
            name == "xl/sharedStrings.xml" || name == "xl/workbook.xml"
                || (name.hasPrefix("xl/worksheets/sheet") && name.hasSuffix(".xml"))
        }
        let sheets = archive.parts.keys.filter { $0.hasPrefix("xl/worksheets/") }.sorted { number($0) < number($1) }
        guard !sheets.isEmpty else { throw .damaged }
        let shared = sharedStrings(archive.parts["xl/sharedStrings.xml"] ?? [])
        let names = sheetNames(archive.parts["xl/workbook.xml"] ?? [])
        var out: [UInt8] = []
        for (position, sheet) in sheets.enumerated() {
            if position < names.count { out += names[position] + [0x0A] }
            appendRows(archive.parts[sheet] ?? [], shared: shared, limit: limits.maximumTextBytes, to: &out)
            out.append(0x0A)
            if out.count > limits.maximumTextBytes { break }
        }
        return OfficeText.trimmed(out)
    }

    private static func number(_ name: String) -> Int {
        Int(name.filter { $0.isASCII && $0.isNumber }) ?? .max
    }

    private static func sheetNames(_ xml: [UInt8]) -> [[UInt8]] {
        var scanner = MarkupScanner(xml)
        var names: [[UInt8]] = []
        while let event = scanner.next(), names.count < 1_000 {
            if case .tag(let name, let kind, let attributes) = event, kind != .closing, name.elementsEqual("sheet".utf8)
            {
                names.append(MarkupScanner.attribute("name", in: attributes) ?? [])
            }
        }
        return names
    }

    /// The table of texts that cells refer to by number. Phonetic guides (`rPh`) are left out.
    private static func sharedStrings(_ xml: [UInt8]) -> [[UInt8]] {
        var scanner = MarkupScanner(xml)
        var strings: [[UInt8]] = []
        var current: [UInt8] = []
        var isText = false
        var isPhonetic = false
        while let event = scanner.next() {
            switch event {
            case .text(let text): if isText, !isPhonetic { MarkupScanner.appendText(text, to: &current) }
            case .literal(let text): if isText, !isPhonetic { current += text }
            case .tag(let name, let kind, _):
                switch String(decoding: name.prefix(4), as: UTF8.self) {
                case "t": isText = kind == .opening
                case "rPh": isPhonetic = kind == .opening
                case "si" where kind != .opening:
                    strings.append(current)
                    current = []
                default: break
                }
            }
        }
        return strings
    }

    private static func appendRows(_ xml: [UInt8], shared: [[UInt8]], limit: Int, to out: inout [UInt8]) {
        var scanner = MarkupScanner(xml)
        var isShared = false
        var isValue = false
        var value: [UInt8] = []
        while let event = scanner.next(), out.count <= limit {
            switch event {
            case .text(let text): if isValue { MarkupScanner.appendText(text, to: &value) }
            case .literal(let text): if isValue { value += text }
            case .tag(let name, let kind, let attributes):
                switch (String(decoding: name.prefix(4), as: UTF8.self), kind) {
                case ("c", .opening):
                    isShared = MarkupScanner.attribute("t", in: attributes) == [UInt8(ascii: "s")]
                    value = []
                case ("v", _), ("t", _): isValue = kind == .opening
                case ("c", .closing):
                    appendCell(value, isShared: isShared, shared: shared, to: &out)
                case ("row", .closing):
                    while out.last == 0x09 { out.removeLast() }
                    out.append(0x0A)
                default: break
                }
            }
        }
    }

    private static func appendCell(_ value: [UInt8], isShared: Bool, shared: [[UInt8]], to out: inout [UInt8]) {
        var words = value[...]
        if isShared {
            guard let index = Int(String(decoding: value, as: UTF8.self)), shared.indices.contains(index) else {
                return
            }
            words = shared[index][...]
        }
        guard !words.isEmpty else { return }
        out += words.map { $0 == 0x0A || $0 == 0x0D || $0 == 0x09 ? 0x20 : $0 }
        out.append(0x09)
    }
}
