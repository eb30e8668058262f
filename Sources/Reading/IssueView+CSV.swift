import AtlassianDocument
import IssueModel

extension IssueView {
    /// The columns of a CSV export, in order.
    public static let csvColumns = [
        "id", "key", "source", "url", "summary", "description", "status", "statusCategory", "type", "priority",
        "resolution", "project", "assignee", "reporter", "labels", "components", "fixVersions", "parent", "sprints",
        "securityLevel", "restrictTo", "created", "updated", "resolved", "due", "originalEstimateSeconds",
        "remainingEstimateSeconds", "timeSpentSeconds", "progressPercent", "aggregateProgressPercent", "rank",
        "comments", "attachments", "worklogs",
    ]

    /// The header of a CSV export.
    public static var csvHeader: [UInt8] { CSV.row(csvColumns) }

    /// The issue as one CSV row; lists are joined by a comma and a space, comments and the like are counted.
    public var csvRow: [UInt8] {
        func joined(_ values: [String]) -> String { values.joined(separator: ", ") }
        func number(_ value: Int64?) -> String { value.map { String($0) } ?? "" }
        func percent(_ progress: Progress?) -> String {
            number(
                (progress?.percent ?? progress.flatMap { $0.total > 0 ? Int($0.done * 100 / $0.total) : nil }).map {
                    Int64($0)
                })
        }
        return CSV.row([
            issue.id.description, issue.key.description, source, url, issue.summary,
            issue.description?.plainText() ?? "", issue.status.name, issue.status.category.rawValue, issue.type.name,
            issue.priority?.name ?? "", issue.resolution?.name ?? "", issue.projectKey,
            issue.assignee?.displayName ?? "", issue.reporter?.displayName ?? "", joined(issue.labels),
            joined(issue.components.map(\.name)), joined(issue.fixVersions.map(\.name)),
            issue.parent?.key.description ?? "", joined(issue.sprints.map(\.name)), issue.securityLevel?.name ?? "",
            joined(issue.restrictedToRoles.map(\.name)), issue.created.rfc3339, issue.updated.rfc3339,
            issue.resolved?.rfc3339 ?? "", issue.due?.description ?? "", number(issue.timeTracking?.originalEstimate),
            number(issue.timeTracking?.remainingEstimate), number(issue.timeTracking?.spent),
            percent(issue.progress), percent(issue.aggregateProgress), issue.rank ?? "",
            String(issue.comments.count), String(issue.attachments.count), String(issue.worklogs.count),
        ])
    }
}

/// Comma-separated values by RFC 4180, safe to open in a spreadsheet.
enum CSV {
    static func row(_ cells: [String]) -> [UInt8] {
        var bytes: [UInt8] = []
        for (index, cell) in cells.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            append(cell, to: &bytes)
        }
        bytes.append(contentsOf: "\r\n".utf8)
        return bytes
    }

    /// A spreadsheet takes a cell that begins like a formula for one, quoted or not, and would run it when the file is
    /// opened (OWASP, CSV injection): such a cell begins with an apostrophe, which spreadsheets do not show.
    private static func append(_ cell: String, to bytes: inout [UInt8]) {
        let needsQuotes = cell.utf8.contains { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D }
        if needsQuotes { bytes.append(0x22) }
        if beginsLikeFormula(cell) { bytes.append(UInt8(ascii: "'")) }
        for byte in cell.utf8 {
            if byte == 0x22 { bytes.append(0x22) }
            // NUL ends a cell early in some readers.
            if byte != 0 { bytes.append(byte) }
        }
        if needsQuotes { bytes.append(0x22) }
    }

    private static func beginsLikeFormula(_ cell: String) -> Bool {
        let first = cell.unicodeScalars.first { $0 != " " && $0 != "\u{A0}" && $0 != "\u{FEFF}" && $0 != "\0" }
        switch first {
        case "=", "+", "-", "@", "\t", "\r", "\n", "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}": return true
        default: return false
        }
    }
}
