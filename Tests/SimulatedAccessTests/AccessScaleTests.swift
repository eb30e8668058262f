import SimulatedAccess
import SimulatedRules
import SimulatedSite
import Testing

@Suite struct AccessScaleTests {
    @Test(arguments: [SiteFlavour.cloud, .dataCenter])
    func `a site of many rules has as many as asked for`(_ flavour: SiteFlavour) {
        var scale = AccessScale()
        (scale.projects, scale.groups, scale.accounts, scale.issues) = (50, 400, 900, 300)
        scale.groupsOfDeveloper = 40
        let state = SimulatedSite(.access(seed: 3, flavour: flavour, scale: scale)).current()
        #expect(state.projects.count == 50 && state.groups.count == 400 && state.users.count == 900)
        #expect(state.permissionSchemes.count == 12 && state.issueCount == 300)
        #expect(state.groups(of: TinySite.developer).count >= 40)
        let evaluator = PermissionEvaluator(state)
        #expect(evaluator.visibleIssues(to: .user(TinySite.administrator)).count == 300)
        let developer = evaluator.visibleIssues(to: .user(TinySite.developer)).count
        #expect((1..<300).contains(developer))
        #expect(state.groups.contains { !$0.subgroups.isEmpty } == !flavour.isCloud)
    }
}
