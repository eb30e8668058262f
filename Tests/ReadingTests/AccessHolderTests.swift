import AccessControl
import IssueModel
import Journal
import Reading
import Store
import Testing

@Suite("Naming holders") struct AccessHolderTests {
    @Test("a group that is not listed is unknown, unless Data Center lists only some", arguments: [false, true])
    func unlisted(isCut: Bool) async throws {
        let site = try await TestSite()
        for product in [Source.Product.cloud, .dataCenter] {
            let holder = try await site.store.write { context in
                var source = try #require(try SourceRecords.find("demo", in: context.connection))
                source.product = product
                try AccessFactRecords.note(
                    .groups, verified: TestSite.verified, data: isCut ? AccessFactRecords.incomplete : "",
                    source: source.id, in: context)
                return try? AccessHolders(source: source, in: context.connection).holder("group:Team 4711")
            }
            #expect(holder == (isCut && product == .dataCenter ? .group(GroupID("team 4711")) : nil))
        }
    }
}
