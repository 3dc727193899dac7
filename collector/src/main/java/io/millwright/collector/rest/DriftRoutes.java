package io.millwright.collector.rest;

import io.millwright.collector.drift.DesiredSet;
import io.millwright.collector.drift.Difference;
import io.millwright.collector.drift.DriftDesk;
import io.millwright.protocol.views.DriftView;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Which accelerators have another driver or firmware than they should. */
public final class DriftRoutes {
  private static final int SCHEMA = 1;
  private static final int MOST_LISTED = 1_000;

  private final DriftDesk desk;

  public DriftRoutes(DriftDesk desk) {
    this.desk = desk;
  }

  public List<Route> routes() {
    return List.of(Route.get("/v1/drift", Role.VIEWER, this::drift));
  }

  /** {@code ?node} has those of one node alone; of many, the first by node. */
  private Answer drift(Request request) {
    Optional<String> node = request.query("node");
    List<Difference> all =
        desk.differences().stream()
            .filter(one -> node.isEmpty() || one.node().equals(node.get()))
            .toList();
    return Answer.json(
        new DriftView(
            SCHEMA,
            desk.file()
                .map(file ->
                    new DriftView.Desired(
                        file.path().toString(),
                        file.set().map(DesiredSet::name).orElse(""),
                        file.trouble())),
            desk.compared().size(),
            desk.unmatched(),
            all.stream().limit(MOST_LISTED).map(DriftRoutes::view).toList(),
            all.size() > MOST_LISTED
                ? OptionalInt.of(all.size() - MOST_LISTED)
                : OptionalInt.empty()));
  }

  private static DriftView.Difference view(Difference one) {
    return new DriftView.Difference(
        one.node(),
        one.index(),
        one.slot(),
        one.uuid(),
        one.sku(),
        one.domain(),
        one.component(),
        one.actual(),
        one.wanted(),
        one.against().word(),
        one.having(),
        one.compared());
  }
}
