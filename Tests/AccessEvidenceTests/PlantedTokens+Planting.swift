import SimulatedData
import SimulatedSite

extension SiteState {
    /// Plants a word in every issue, and in one comment, worklog and file of every kind of restriction.
    mutating func plantTokens(by hand: Hand) {
        var number = 0
        func next() -> String {
            number += 1
            return PlantedTokens.word(number)
        }
        let roles = catalogue.roles.map(\.id)
        for ordinal in 0..<issueCount where row(ordinal).state == .live {
            setSummary(ordinal, to: summary(of: ordinal) + " " + next(), by: hand)
            let project = projects[Int(row(ordinal).project)]
            let role = Array(project.actors.keys).sorted().first ?? roles[0]
            let choices: [Visibility?] = [nil, .role(role), .group(ordinal % groups.count)]
            let visibility = choices[ordinal % 3]
            let isInternal = project.kind == .serviceDesk && ordinal % 2 == 0
            let comment = addComment(
                ordinal, RichText(paragraph: "A remark on \(next())."), visibility: visibility, isInternal: isInternal,
                by: hand)
            addWorklog(
                ordinal, seconds: 900, note: RichText(paragraph: "Worked on \(next())."),
                visibility: choices[(ordinal + 1) % 3], by: hand)
            addAttachment(
                ordinal, fileName: "\(next()).txt", file: SimulatedFile(kind: .text, number: ordinal),
                comment: ordinal % 2 == 0 ? comment : nil, by: hand)
        }
    }
}
