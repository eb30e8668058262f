/// Writers of small files in formats whose text others extract. Nothing is compressed, so no library is needed.
enum FileFormats {
    /// A ZIP archive with stored entries (PKWARE APPNOTE 6.3).
    static func zip(_ entries: [(name: String, bytes: [UInt8])]) -> [UInt8] {
        var file: [UInt8] = []
        var directory: [UInt8] = []
        for entry in entries {
            let offset = UInt32(file.count)
            var header: [UInt8] = []
            header.appendLittle(UInt16(20))
            header.appendLittle(UInt16(0))
            header.appendLittle(UInt16(0))
            header.appendLittle(UInt16(0))
            header.appendLittle(UInt16(0x5A21))
            header.appendLittle(Checksums.crc32(entry.bytes))
            header.appendLittle(UInt32(entry.bytes.count))
            header.appendLittle(UInt32(entry.bytes.count))
            header.appendLittle(UInt16(entry.name.utf8.count))
            header.appendLittle(UInt16(0))
            file.appendLittle(UInt32(0x0403_4B50))
            file += header
            file += entry.name.utf8
            file += entry.bytes
            directory.appendLittle(UInt32(0x0201_4B50))
            directory.appendLittle(UInt16(20))
            directory += header
            directory += [UInt8](repeating: 0, count: 10)
            directory.appendLittle(offset)
            directory += entry.name.utf8
        }
        let start = UInt32(file.count)
        file += directory
        file.appendLittle(UInt32(0x0605_4B50))
        file.appendLittle(UInt32(0))
        file.appendLittle(UInt16(entries.count))
        file.appendLittle(UInt16(entries.count))
        file.appendLittle(UInt32(directory.count))
        file.appendLittle(start)
        file.appendLittle(UInt16(0))
        return file
    }

    /// A word-processing document (ECMA-376) of plain paragraphs.
    static func docx(_ paragraphs: [String]) -> [UInt8] {
        let types = """
            <?xml version="1.0" encoding="UTF-8" standalone="yes"?>
            <Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">\
            <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>\
            <Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" \
            ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>
            """
        let relations = """
            <?xml version="1.0" encoding="UTF-8" standalone="yes"?>
            <Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" \
            Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" \
            Target="word/document.xml"/></Relationships>
            """
        var document = """
            <?xml version="1.0" encoding="UTF-8" standalone="yes"?>
            <w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>
            """
        for paragraph in paragraphs {
            document += "<w:p><w:r><w:t xml:space=\"preserve\">\(markup(paragraph))</w:t></w:r></w:p>"
        }
        document += "</w:body></w:document>"
        return zip([
            ("[Content_Types].xml", Array(types.utf8)), ("_rels/.rels", Array(relations.utf8)),
            ("word/document.xml", Array(document.utf8)),
        ])
    }

    /// A PDF 1.4 file (ISO 32000) of one or more pages of text lines in Helvetica. Characters outside ASCII become `?`.
    static func pdf(_ lines: [String]) -> [UInt8] {
        let wrapped = lines.flatMap { wrap($0, width: 90) }
        let pages = stride(from: 0, to: max(wrapped.count, 1), by: 50).map { Array(wrapped.dropFirst($0).prefix(50)) }
        var objects: [String] = ["<< /Type /Catalog /Pages 2 0 R >>"]
        let kids = pages.indices.map { "\(4 + $0 * 2) 0 R" }.joined(separator: " ")
        objects.append("<< /Type /Pages /Kids [\(kids)] /Count \(pages.count) >>")
        objects.append("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
        for (position, page) in pages.enumerated() {
            var content = "BT /F1 10 Tf 12 TL 50 790 Td\n"
            for line in page { content += "(\(literal(line))) Tj T*\n" }
            content += "ET"
            objects.append(
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents \(5 + position * 2) 0 R "
                    + "/Resources << /Font << /F1 3 0 R >> >> >>")
            objects.append("<< /Length \(content.utf8.count) >>\nstream\n\(content)\nendstream")
        }
        var file = Array("%PDF-1.4\n".utf8)
        var offsets: [Int] = []
        for (position, object) in objects.enumerated() {
            offsets.append(file.count)
            file += "\(position + 1) 0 obj\n\(object)\nendobj\n".utf8
        }
        let table = file.count
        file += "xref\n0 \(objects.count + 1)\n0000000000 65535 f \n".utf8
        for offset in offsets {
            file.appendDigits(offset, width: 10)
            file += " 00000 n \n".utf8
        }
        file += "trailer\n<< /Size \(objects.count + 1) /Root 1 0 R >>\nstartxref\n\(table)\n%%EOF\n".utf8
        return file
    }

    /// A grey-scale PNG (RFC 2083) of noise in stored deflate blocks, at most 64 pixels wide and high.
    static func png(width: Int, height: Int, random: inout SeededRandom) -> [UInt8] {
        var pixels: [UInt8] = []
        for _ in 0..<height {
            pixels.append(0)
            for _ in 0..<width { pixels.append(UInt8(truncatingIfNeeded: random.next())) }
        }
        var data: [UInt8] = [0x78, 0x01, 0x01]
        data.appendLittle(UInt16(pixels.count))
        data.appendLittle(~UInt16(pixels.count))
        data += pixels
        data.appendBig(Checksums.adler32(pixels))
        var header: [UInt8] = []
        header.appendBig(UInt32(width))
        header.appendBig(UInt32(height))
        header += [8, 0, 0, 0, 0]
        var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        for (name, body) in [("IHDR", header), ("IDAT", data), ("IEND", [])] {
            file.appendBig(UInt32(body.count))
            let chunk = Array(name.utf8) + body
            file += chunk
            file.appendBig(Checksums.crc32(chunk))
        }
        return file
    }

    static func markup(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            default: result.append(character)
            }
        }
        return result
    }

    private static func literal(_ text: String) -> String {
        var result = ""
        for character in text {
            if character == "(" || character == ")" || character == "\\" { result += "\\" }
            result.append(character.isASCII ? character : "?")
        }
        return result
    }

    private static func wrap(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(whereSeparator: \.isWhitespace) {
            if !line.isEmpty && line.count + word.count + 1 > width {
                lines.append(line)
                line = ""
            }
            line += line.isEmpty ? String(word) : " " + word
        }
        lines.append(line)
        return lines
    }
}
