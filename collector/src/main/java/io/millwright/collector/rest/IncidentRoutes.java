package io.millwright.collector.rest;

import io.millwright.collector.audit.AuditLog;
import io.millwright.collector.control.Control;
import io.millwright.collector.fleet.FleetState;
import io.millwright.collector.fleet.NodeState;
import io.millwright.collector.incidents.Closing;
import io.millwright.collector.incidents.Incident;
import io.millwright.collector.incidents.Suspect;
import io.millwright.collector.paging.IncidentDesk;
import io.millwright.collector.racks.Place;
import io.millwright.collector.racks.RackMap;
import io.millwright.protocol.bodies.Fields;
import io.millwright.protocol.bodies.Json;
import io.millwright.protocol.views.IncidentView;
import io.millwright.protocol.views.RacksView;
import io.millwright.protocol.vocabulary.health.Evidence;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** The incidents, the newest first, and the map of racks. */
public final class IncidentRoutes {
  private static final int SCHEMA = 1;

  private final IncidentDesk desk;
  private final Supplier<FleetState> fleet;
  private final Supplier<RackMap> racks;
  private final Supplier<Optional<String>> trouble;
  private final boolean webhook;
  private final Control control;
  private final AuditLog audit;
  private final Function<String, Optional<String>> tickets;

  /**
   * @param fleet what the agents say of what stands
   * @param control the writer, on whose thread incidents are closed
   * @param tickets under which a serial number is returned
   * @param webhook whether there is somebody who is called
   * @param trouble why the file of the racks is not in force
   */
  public IncidentRoutes(
      IncidentDesk desk,
      Supplier<FleetState> fleet,
      Supplier<RackMap> racks,
      Supplier<Optional<String>> trouble,
      boolean webhook,
      Control control,
      AuditLog audit,
      Function<String, Optional<String>> tickets) {
    this.desk = desk;
    this.fleet = fleet;
    this.racks = racks;
    this.trouble = trouble;
    this.webhook = webhook;
    this.control = control;
    this.audit = audit;
    this.tickets = tickets;
  }

  public List<Route> routes() {
    return List.of(
        Route.get("/v1/incidents", Role.ANYBODY, this::incidents),
        Route.get("/v1/incidents/{id}", Role.ANYBODY, this::incident),
        Route.post("/v1/incidents/{id}/close", Role.OPERATOR, this::close),
        Route.get("/v1/racks", Role.ANYBODY, request -> Answer.json(racks())));
  }

  private Answer incidents(Request request) {
    Predicate<Incident> state = state(request.query("state").orElse("all"));
    Optional<String> node = request.query("node");
    return Answer.json(
        desk.incidents().stream()
            .filter(state)
            .filter(one -> node.isEmpty() || one.nodes().contains(node.get()))
            .sorted(Comparator.comparingLong(Incident::openedMs).reversed())
            .map(one -> view(one, request.caller(), false))
            .toList());
  }

  private static Predicate<Incident> state(String given) {
    return switch (given) {
      case "all" -> one -> true;
      case "open" -> Incident::open;
      case "closed" -> one -> !one.open();
      default ->
          throw new IllegalArgumentException(
              "state: '%s' is refused; allowed is open, closed or all".formatted(given));
    };
  }

  private Answer incident(Request request) {
    String id = request.part("id");
    return desk.find(id)
        .map(one -> Answer.json(view(one, request.caller(), true)))
        .orElseGet(() ->
            Answer.problem(
                404,
                "No incident '%s' is kept; /v1/incidents lists those that are.".formatted(id)));
  }

  private CompletionStage<Answer> close(Request request) {
    Fields fields =
        Fields.of("", Json.read("the request", request.body()), List.of("reason", "anyway"));
    Closing by = new Closing(request.caller().name(), fields.text("reason"));
    boolean anyway = fields.has("anyway") && fields.flag("anyway");
    return Rulings.of(
        control,
        200,
        fleet -> desk.close(request.part("id"), by, anyway, audit),
        one -> view(one, request.caller(), true));
  }

  /** A call that goes to nobody is not said to be sent. */
  private String called(Incident one) {
    return one.page() == Incident.Page.SENT && !webhook ? "nobody" : one.page().word();
  }

  /** Whom it hit is for those who may see jobs. */
  private IncidentView view(Incident one, Caller caller, boolean whole) {
    boolean named = caller.role().mayWhat(Role.VIEWER);
    return new IncidentView(
        one.id(),
        one.aliases(),
        one.state(),
        one.severity().word(),
        one.revision(),
        one.summary(),
        one.cause().kind().word(),
        one.cause().name(),
        one.root().map(IncidentRoutes::root),
        one.openedMs(),
        one.clearSinceMs(),
        one.closedMs(),
        called(one),
        one.repeats(),
        one.count(),
        one.nodes(),
        named ? one.jobs() : List.of(),
        whole ? one.members().stream().map(this::evidence).toList() : List.of(),
        one.closing().filter(by -> named).map(Closing::by),
        one.closing().filter(by -> named).map(Closing::reason),
        named ? tickets(one) : Optional.empty());
  }

  private Optional<String> tickets(Incident one) {
    String found =
        one.members().stream()
            .flatMap(member -> member.symptom().suspect().serial().stream())
            .distinct()
            .flatMap(serial -> tickets.apply(serial).stream())
            .distinct()
            .collect(Collectors.joining(", "));
    return found.isEmpty() ? Optional.empty() : Optional.of(found);
  }

  private static IncidentView.Root root(Suspect root) {
    return new IncidentView.Root(root.node(), root.index(), root.uuid(), root.serial());
  }

  private IncidentView.Evidence evidence(Incident.Member member) {
    Suspect suspect = member.symptom().suspect();
    Optional<Evidence> told =
        member.clearedMs().isPresent() ? Optional.empty() : told(suspect, member.symptom().rule());
    return new IncidentView.Evidence(
        suspect.node(),
        suspect.index(),
        suspect.uuid(),
        suspect.serial(),
        member.symptom().rule(),
        member.symptom().verdict().word(),
        member.symptom().advice().word(),
        member.symptom().observed(),
        member.symptom().codes().stream().sorted().toList(),
        told.map(Evidence::sinceMs).orElse(member.firstMs()),
        member.clearedMs(),
        OptionalLong.of(member.firstMs()),
        told.map(Evidence::version).map(OptionalInt::of).orElse(OptionalInt.empty()),
        told.map(one -> one.scope().word()),
        told.map(Evidence::clears),
        EvidenceViews.runbook(member.symptom().rule()));
  }

  /** As its node tells it now. */
  private Optional<Evidence> told(Suspect suspect, String rule) {
    return fleet
        .get()
        .node(suspect.node())
        .map(NodeState::findings)
        .map(found -> suspect.uuid().map(found::ofDevice).orElseGet(found::ofNode))
        .flatMap(all -> all.stream().filter(one -> one.rule().equals(rule)).findFirst());
  }

  private RacksView racks() {
    RackMap map = racks.get();
    return new RacksView(
        SCHEMA,
        trouble.get(),
        desk.disagreements(),
        map.nodes().stream().sorted().map(node -> place(map.place(node))).toList());
  }

  private static RacksView.Place place(Place place) {
    return new RacksView.Place(
        place.node(),
        place.rack(),
        place.chassis(),
        place.slot(),
        place.tray(),
        place.leaf(),
        place.feed(),
        place.domain(),
        place.cooling());
  }
}
