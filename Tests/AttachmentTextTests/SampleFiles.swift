// Built beside the tests, which start it as a subprocess.
import AttachmentTextWorker
import CArchive
import Foundation

@testable import AttachmentText

/// Files made here, byte by byte, so that the tests need none.
enum SampleFiles {
    /// The worker program, built beside the tests.
    static let worker: [String] = {
        let program = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        var folder = program
        for _ in 0..<6 {
            let candidate = folder.appending(path: "AttachmentTextWorker").path
            if FileManager.default.isExecutableFile(atPath: candidate) { return [candidate] }
            folder = folder.deletingLastPathComponent()
        }
        return [program.appending(path: "AttachmentTextWorker").path]
    }()

    /// A zip of the given entries.
    static func zip(_ entries: [(name: String, bytes: [UInt8])]) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: entries.reduce(65_536) { $0 + $1.bytes.count + 512 })
        var used = 0
        guard let archive = archive_write_new() else { return [] }
        archive_write_set_format_zip(archive)
        buffer.withUnsafeMutableBytes { memory in
            archive_write_open_memory(archive, memory.baseAddress, memory.count, &used)
            for (name, bytes) in entries {
                let entry = archive_entry_new()
                archive_entry_set_pathname(entry, name)
                archive_entry_set_size(entry, Int64(bytes.count))
                archive_entry_set_filetype(entry, 0o100000)
                archive_entry_set_perm(entry, 0o644)
                archive_write_header(archive, entry)
                _ = bytes.withUnsafeBytes { archive_write_data(archive, $0.baseAddress, $0.count) }
                archive_entry_free(entry)
            }
            archive_write_close(archive)
            archive_write_free(archive)
        }
        return Array(buffer.prefix(used))
    }

    static func docx(_ body: String) -> [UInt8] {
        let xml = #"<?xml version="1.0"?><w:document xmlns:w="w"><w:body>\#(body)</w:body></w:document>"#
        return zip([("[Content_Types].xml", Array("<Types/>".utf8)), ("word/document.xml", Array(xml.utf8))])
    }

    static let wordFile = zip([
        (
            "word/document.xml",
            Array(
                """
                <?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>
                <w:document><w:p><w:r><w:t>Plan &amp; goals</w:t></w:r><w:r><w:tab/><w:t xml:space="preserve"> next</w:t></w:r></w:p>
                <w:p><w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:r><w:t>&e;caf&#233;</w:t><w:br/><w:t>line</w:t></w:r></w:p>
                <w:tbl><w:tr><w:tc><w:p><w:r><w:t>a</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>b</w:t></w:r></w:p></w:tc></w:tr></w:tbl>
                </w:document>
                """.utf8)
        ),
        ("word/footnotes.xml", Array("<w:footnotes><w:p><w:t>a footnote</w:t></w:p></w:footnotes>".utf8)),
        ("word/media/image1.png", [0x89, 0x50]),
    ])

    static let spreadsheet = zip([
        (
            "xl/workbook.xml",
            Array(#"<workbook><sheets><sheet name="Costs &amp; more" sheetId="1"/></sheets></workbook>"#.utf8)
        ),
        (
            "xl/sharedStrings.xml",
            Array(
                "<sst><si><t>Server</t></si><si><r><t>two</t></r><r><t> runs</t></r><rPh><t>skip</t></rPh></si></sst>"
                    .utf8)
        ),
        (
            "xl/worksheets/sheet1.xml",
            Array(
                #"""
                <worksheet><sheetData><row><c r="A1" t="s"><v>0</v></c><c r="B1"><v>42.5</v></c></row>
                <row><c t="s"><v>1</v></c><c t="inlineStr"><is><t>inline</t></is></c><c t="s"><v>99</v></c></row></sheetData></worksheet>
                """#.utf8)
        ),
    ])

    static let slides = zip([
        ("ppt/slides/slide2.xml", Array("<p:sld><a:p><a:t>Second</a:t></a:p></p:sld>".utf8)),
        ("ppt/slides/slide10.xml", Array("<p:sld><a:p><a:t>Tenth</a:t></a:p></p:sld>".utf8)),
        ("ppt/slides/slide1.xml", Array("<p:sld><a:p><a:t>First</a:t><a:br/><a:t>line</a:t></a:p></p:sld>".utf8)),
        ("ppt/notesSlides/notesSlide1.xml", Array("<p:notes><a:p><a:t>Spoken</a:t></a:p></p:notes>".utf8)),
    ])

    /// A one-page PDF (ISO 32000) that shows `text`.
    static func pdf(_ text: String) -> [UInt8] {
        let stream = "BT /F1 24 Tf 72 700 Td (\(text)) Tj ET"
        let objects = [
            "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
            "<< /Length \(stream.utf8.count) >>\nstream\n\(stream)\nendstream",
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        ]
        var file = "%PDF-1.4\n"
        var offsets: [Int] = []
        for (number, object) in objects.enumerated() {
            offsets.append(file.utf8.count)
            file += "\(number + 1) 0 obj\n\(object)\nendobj\n"
        }
        let start = file.utf8.count
        file += "xref\n0 \(objects.count + 1)\n0000000000 65535 f \n"
        for offset in offsets { file += String(format: "%010d 00000 n \n", offset) }
        file += "trailer << /Size \(objects.count + 1) /Root 1 0 R >>\nstartxref\n\(start)\n%%EOF\n"
        return Array(file.utf8)
    }
}
