import FastJSON
import SimulatedData
import SimulatedSite
import Testing

@Suite struct DeterminismTests {
    /// Everything a reader can see of one issue, as text.
    private func picture(_ state: SiteState, _ ordinal: Int) -> String {
        let content = state.content(of: ordinal)
        var text = "\(state.row(ordinal)) \(state.key(of: ordinal)) \(content.summary) \(content.traits.labels)"
        text += String(decoding: content.description?.adf ?? [], as: UTF8.self)
        for comment in content.comments { text += "\(comment.id) \(comment.created) \(comment.body.wikiMarkup)" }
        text += "\(content.worklogs) \(content.changes) \(content.attachments) \(content.customFields.map(\.value))"
        text += "\(content.links) \(content.rank) \(content.watchers) \(content.traits.sprints)"
        return text
    }

    @Test("the same configuration makes the same site, byte for byte", arguments: SiteFlavour.allCases)
    func repeats(_ flavour: SiteFlavour) {
        let configuration = SiteConfiguration(flavour: flavour, seed: 42, issueCount: 120)
        let first = SimulatedSite(configuration).current()
        let second = SimulatedSite(configuration).current()
        #expect(first.users == second.users)
        #expect(first.permissionSchemes == second.permissionSchemes)
        #expect(first.projects == second.projects)
        for ordinal in 0..<first.issueCount {
            let isEqual = picture(first, ordinal) == picture(second, ordinal)
            #expect(isEqual, "issue \(ordinal) differs")
        }
    }

    @Test("another seed makes another site")
    func differs() {
        let first = SimulatedSite(SiteConfiguration(seed: 1, issueCount: 60)).current()
        let second = SimulatedSite(SiteConfiguration(seed: 2, issueCount: 60)).current()
        let equal = (12..<60).filter { picture(first, $0) == picture(second, $0) }
        #expect(equal.isEmpty)
    }

    @Test("an issue made again is the same issue")
    func repeatsOneIssue() {
        let state = Sites.cloud.current()
        for ordinal in stride(from: 0, to: 600, by: 37) { #expect(picture(state, ordinal) == picture(state, ordinal)) }
    }

    @Test("every document is well-formed JSON")
    func documentsParse() throws {
        let state = Sites.cloud.current()
        for ordinal in 0..<state.issueCount {
            let content = state.content(of: ordinal)
            for text in [content.description].compactMap({ $0 }) + content.comments.map(\.body) {
                let value = try JSONValue(parsing: text.adf)
                #expect(value["type"]?.string == "doc")
            }
        }
    }
}
