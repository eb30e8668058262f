import Foundation
import Testing

/// `docs/security.md` claims nothing without a test that is there, or a reason.
@Suite("The security checklist") struct SecurityChecklistTests {
    struct Line {
        let ids: String
        let answer: String
    }

    static let lines: [Line] = {
        let url = SourceTree.root.appendingPathComponent("docs/security.md")
        let text = (try? String(contentsOf: url, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").filter { $0.hasPrefix("| V") }.compactMap { row in
            let cells = row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            return cells.count == 3 ? Line(ids: cells[0], answer: cells[2]) : nil
        }
    }()

    @Test("every line is answered with a state, and with a test or a reason") func answered() {
        for line in Self.lines {
            let state = ["**held**", "**operator**", "**n/a**", "**open**"].first { line.answer.hasPrefix($0) }
            #expect(state != nil, "\(line.ids): \(line.answer)")
            let rest = line.answer.dropFirst(state?.count ?? 0).trimmingCharacters(in: .whitespaces)
            #expect(rest.count > 8, "\(line.ids) gives no reason")
            if state == "**held**" {
                #expect(
                    !Self.tests(in: line.answer).isEmpty || rest.hasPrefix("by construction:"),
                    "\(line.ids) is claimed without a test or a reason")
            }
        }
    }

    @Test("every test that is named is there") func namedTestsExist() {
        var known: [String: String] = [:]
        for file in SourceTree.current.files where file.isTest {
            known[file.target, default: ""] += file.lines.joined(separator: "\n") + "\n"
        }
        var count = 0
        for line in Self.lines {
            for (target, name) in Self.tests(in: line.answer) {
                count += 1
                let isThere = known[target]?.contains("\"\(name)\"") == true
                #expect(isThere, "\(line.ids) names \(target) \"\(name)\", which is not there")
            }
        }
        #expect(count > 100)
    }

    @Test("no line of levels 1 and 2 is left out") func complete() {
        let ids = Set(
            Self.lines.flatMap { line in
                line.ids.split(separator: ",").flatMap { Self.range($0.trimmingCharacters(in: .whitespaces)) }
            })
        for (section, numbers) in Self.levels12 {
            for number in numbers { #expect(ids.contains("\(section).\(number)"), "\(section).\(number) is missing") }
        }
        #expect(ids.count == Self.levels12.reduce(0) { $0 + $1.1.count }, "there are lines of no such level")
    }

    /// `V10.4.1 to V10.4.11` as single lines.
    private static func range(_ text: String) -> [String] {
        let ends = text.components(separatedBy: " to ")
        guard ends.count == 2, let dot = ends[0].lastIndex(of: "."),
            let first = Int(ends[0][ends[0].index(after: dot)...]),
            let last = ends[1].split(separator: ".").last.flatMap({ Int($0) })
        else { return [text] }
        return (first...last).map { "\(ends[0][..<dot]).\($0)" }
    }

    private static func tests(in answer: String) -> [(target: String, name: String)] {
        answer.matches(of: /([A-Z][A-Za-z]*Tests) "([^"]+)"/).map { (String($0.1), String($0.2)) }
    }

    /// The requirements of levels 1 and 2 in version 5.0.0, by section.
    private static let levels12: [(String, [Int])] = [
        ("V1.1", [1, 2]), ("V1.2", Array(1...9)), ("V1.3", Array(1...11)), ("V1.4", [1, 2, 3]), ("V1.5", [1, 2]),
        ("V2.1", [1, 2, 3]), ("V2.2", [1, 2, 3]), ("V2.3", [1, 2, 3, 4]), ("V2.4", [1]),
        ("V3.2", [1, 2]), ("V3.3", [1, 2, 3, 4]), ("V3.4", Array(1...6)), ("V3.5", Array(1...5)), ("V3.7", [1, 2]),
        ("V4.1", [1, 2, 3]), ("V4.2", [1]), ("V4.3", [1, 2]), ("V4.4", [1, 2, 3, 4]),
        ("V5.1", [1]), ("V5.2", [1, 2, 3]), ("V5.3", [1, 2]), ("V5.4", [1, 2, 3]),
        ("V6.1", [1, 2, 3]), ("V6.2", Array(1...12)), ("V6.3", [1, 2, 3, 4]), ("V6.4", [1, 2, 3, 4]),
        ("V6.5", Array(1...5)), ("V6.6", [1, 2, 3]), ("V6.8", [1, 2, 3, 4]),
        ("V7.1", [1, 2, 3]), ("V7.2", [1, 2, 3, 4]), ("V7.3", [1, 2]), ("V7.4", Array(1...5)), ("V7.5", [1, 2]),
        ("V7.6", [1, 2]),
        ("V8.1", [1, 2]), ("V8.2", [1, 2, 3]), ("V8.3", [1]), ("V8.4", [1]),
        ("V9.1", [1, 2, 3]), ("V9.2", [1, 2, 3, 4]),
        ("V10.1", [1, 2]), ("V10.2", [1, 2]), ("V10.3", [1, 2, 3, 4]), ("V10.4", Array(1...11)),
        ("V10.5", Array(1...5)), ("V10.6", [1, 2]), ("V10.7", [1, 2, 3]),
        ("V11.1", [1, 2]), ("V11.2", [1, 2, 3]), ("V11.3", [1, 2, 3]), ("V11.4", [1, 2, 3, 4]), ("V11.5", [1]),
        ("V11.6", [1]),
        ("V12.1", [1, 2, 3]), ("V12.2", [1, 2]), ("V12.3", [1, 2, 3, 4]),
        ("V13.1", [1]), ("V13.2", Array(1...5)), ("V13.3", [1, 2]), ("V13.4", Array(1...5)),
        ("V14.1", [1, 2]), ("V14.2", [1, 2, 3, 4]), ("V14.3", [1, 2, 3]),
        ("V15.1", [1, 2, 3]), ("V15.2", [1, 2, 3]), ("V15.3", Array(1...7)),
        ("V16.1", [1]), ("V16.2", Array(1...5)), ("V16.3", [1, 2, 3, 4]), ("V16.4", [1, 2, 3]), ("V16.5", [1, 2, 3]),
        ("V17.1", [1]), ("V17.2", [1, 2, 3, 4]), ("V17.3", [1, 2]),
    ]
}
