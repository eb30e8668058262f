import AtlassianDocument
import IssueModel

/// The words of an issue's fields that people search for, besides summary, description and comments.
///
/// Values only, without the fields' names: a name that stands on every issue finds nothing. Each value is a line.
enum IssueText {
    /// Values of the fields without a search column of their own.
    static func fields(of issue: Issue) -> String {
        var lines: [String] = []
        if let environment = issue.environment { lines.append(environment.plainText()) }
        if let resolution = issue.resolution { lines.append(resolution.name) }
        if let level = issue.securityLevel { lines.append(level.name) }
        if !issue.restrictedToRoles.isEmpty {
            lines.append(issue.restrictedToRoles.map(\.name).joined(separator: ", "))
        }
        if let tracking = issue.timeTracking { lines.append(text(of: tracking)) }
        if let percent = issue.progress?.percent { lines.append("\(percent)%") }
        if let rank = issue.rank { lines.append(rank) }
        // Sums over sub-tasks are the source's account's: a reader may see fewer of these.
        for field in issue.otherFields where !field.id.rawValue.hasPrefix("aggregatetime") {
            let line = text(of: field.value)
            if !line.isEmpty { lines.append(line) }
        }
        return lines.filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private static func text(of tracking: TimeTracking) -> String {
        [tracking.originalEstimate, tracking.spent, tracking.remainingEstimate]
            .compactMap { $0.map(duration) }.joined(separator: " ")
    }

    /// `2d 3h 30m` with Jira's default day of eight hours, as Jira itself would show it.
    static func duration(_ seconds: Int64) -> String {
        let minutes = max(0, seconds) / 60
        let parts = [(minutes / 480, "d"), (minutes % 480 / 60, "h"), (minutes % 60, "m")]
        let text = parts.filter { $0.0 > 0 }.map { "\($0.0)\($0.1)" }.joined(separator: " ")
        return text.isEmpty ? "0m" : text
    }

    private static func text(of value: FieldValue) -> String {
        switch value {
        case .text(let text): text
        case .document(let document): document.plainText()
        case .number(let number): number == number.rounded() && abs(number) < 1e15 ? "\(Int64(number))" : "\(number)"
        case .date(let date): date.description
        case .entity(let entity): entity.name
        case .entities(let entities), .path(let entities): entities.map(\.name).joined(separator: ", ")
        case .labels(let labels): labels.joined(separator: " ")
        case .account(_, let name): name
        case .accounts(let accounts): accounts.map(\.displayName).joined(separator: ", ")
        case .groups(let groups): groups.map(\.rawValue).joined(separator: ", ")
        case .sprints(let sprints): sprints.map(\.name).joined(separator: ", ")
        case .duration(let seconds): duration(seconds)
        case .instant, .progress, .raw: ""
        }
    }
}
