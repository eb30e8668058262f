import Foundation
import SimulatedData
import SimulatedRules
import SimulatedSite
import Testing

@Suite struct ScaleTests {
    /// Resident memory of this process, in bytes.
    private func residentMemory() throws -> Int {
        let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
        let pages = try #require(text.split(separator: " ").dropFirst().first.flatMap { Int($0) })
        return pages * 4_096
    }

    @Test("two hundred thousand issues take little memory each")
    func scales() throws {
        let before = try residentMemory()
        let site = SimulatedSite(SiteConfiguration(seed: 1, issueCount: 200_000))
        let state = site.current()
        #expect(state.issueCount == 200_000)
        #expect(try residentMemory() - before < 200_000_000)
        let visible = site.visibleIssues(to: .user(Known.developer), in: state)
        #expect(visible.count > 50_000 && visible.count < 200_000)
    }

    @Test("the tour's people find its word differently often")
    func tour() {
        for site in [Sites.cloud, Sites.dataCenter] {
            let state = site.current()
            let evaluator = PermissionEvaluator(state)
            func count(_ caller: Caller) -> Int {
                (0..<state.issueCount).filter { ordinal in
                    guard evaluator.mayBrowse(caller, issue: ordinal) else { return false }
                    let content = state.content(of: ordinal)
                    let comments = content.comments.filter { evaluator.sees(caller, comment: $0, of: ordinal) }
                    let texts =
                        [content.summary, content.description?.plainText ?? ""] + comments.map(\.body.plainText)
                    return texts.contains { $0.lowercased().contains(site.tour.word) }
                }.count
            }
            #expect(count(.user(site.tour.administrator.index)) == site.tour.counts.administrator)
            #expect(count(.user(site.tour.developer.index)) == site.tour.counts.developer)
            #expect(count(.anonymous) == site.tour.counts.anonymous)
            #expect(state.ordinal(key: site.tour.issueKey) == 0)
        }
    }
}
