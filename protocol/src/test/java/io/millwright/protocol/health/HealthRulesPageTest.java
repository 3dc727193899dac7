package io.millwright.protocol.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/health-rules.md}, generated from the rules; {@code -Dgolden.update=true} rewrites.
 */
class HealthRulesPageTest {
  private static final Path PAGE = Path.of("..", "docs", "health-rules.md");

  private final RuleCatalogue catalogue = RuleCatalogue.load();

  @Test
  void pageSaysWhatTheRulesSay() throws IOException {
    String generated = page();
    if (Boolean.getBoolean("golden.update")) {
      Files.writeString(PAGE, generated);
    }
    assertThat(PAGE).hasContent(generated);
  }

  private String page() throws IOException {
    StringBuilder page =
        new StringBuilder(
            """
            # Rules of health

            Generated from `rules.tsv`, `xid.tsv`, `sxid.tsv` and `neuron-errors.tsv` by `HealthRulesPageTest`; do not edit. How to add one:
            [adding/health-rule.md](adding/health-rule.md).

            A rule speaks once its condition has held for so long, and speaks until what ends it has held. Rules marked
            *observed only* are shown and count for no verdict. A device is as its worst rule says, and `unknown` while it
            is not observed. A degraded device takes new jobs; a failed and an unknown one do not.

            Advice: `none`, `watch`, `restart-job`, `drain`, `reset-device`, `restart-driver`, `reboot-node`, `inspect`,
            `replace`; scope: `device`, `tray`, `node`, `domain`. Nothing is done by itself: an advice is for people. A site
            changes rules in files of its own: [site-rules.md](site-rules.md). A rule that is a link has a runbook.

            | rule | version | source | judges | when | for | verdict | severity | advice | scope | until | reference |
            |---|---|---|---|---|---|---|---|---|---|---|---|
            """);
    for (Rule rule : catalogue.all()) {
      page.append(row(rule));
    }
    page.append("\n## What they mean\n\n");
    for (Rule rule : catalogue.all()) {
      page.append("- **%s**: %s\n".formatted(rule.id(), rule.meaning()));
    }
    page.append(
        """

        ## Xid codes

        Every code is judged by the rule named here, whatever the recovery action says, which is judged apart. A code that
        is not here is judged by `xid-unknown`. What looks like a job's fault counts for no verdict, until three different
        jobs were hit on one device (`xid-jobs`). A 144 to 146 whose line in the kernel log says `Fatal` is judged by
        `xid-link`, a 149 whose line says `Nonfatal` by `xid-link-warning`; a 145 within a minute of a 149 on another
        accelerator of the node is shown and counts for no verdict, because it follows from that.

        | Xid | rule | whose fault | severity of the counter | meaning |
        |---|---|---|---|---|
        """);
    for (Xid xid : catalogue.xids().all()) {
      if (!xid.fault().equals("unknown")) {
        page.append(
            "| %d | %s | %s | %s | %s |\n"
                .formatted(
                    xid.code(),
                    xid.rule().orElse("none"),
                    xid.fault(),
                    catalogue.severity(ErrorCode.xid(xid.code())),
                    xid.meaning()));
      }
    }
    page.append(
        "\nNot in use on the GPUs of today's data centres, and judged by `xid-unknown`: %s.\n"
            .formatted(
                catalogue.xids().all().stream()
                    .filter(xid -> xid.fault().equals("unknown"))
                    .map(xid -> Integer.toString(xid.code()))
                    .collect(Collectors.joining(", "))));
    page.append(
        """

        ## SXid codes

        Errors of the NVSwitches of a board up to Hopper, from the kernel log (`nvidia-nvswitch3: SXid (PCI:…): 20034, Fatal,
        …`); they are told of the node, with the address of the switch. Switches from NVLink 5 on have no driver on the node
        and write no such lines. A code that is not here is judged by `sxid-unknown`, whatever the line calls it. All of them
        count in `millwright_node_kernel_log_events_total` as `sxid_fatal` or `sxid`.

        | SXid | reaches | rule | severity | meaning |
        |---|---|---|---|---|
        """);
    for (Sxid sxid : catalogue.sxids().all()) {
      page.append(
          "| %d | %s | %s | %s | %s |\n"
              .formatted(
                  sxid.code(),
                  sxid.kind().name().toLowerCase(Locale.ROOT),
                  sxid.rule().orElse("none"),
                  catalogue.severity(ErrorCode.sxid(sxid.code())),
                  sxid.meaning()));
    }
    page.append(
        """

        ## Errors of the Neuron runtime

        What stands behind `NEURON_HW_ERR=` in the kernel log. A type that is not here is judged by `neuron-unknown` and
        counted as `other`. The runtime has its driver print them,
        and any process that has a Neuron device could have it print one too. Judged only where the node has such devices.

        | type | label | rule | severity of the counter | meaning |
        |---|---|---|---|---|
        """);
    for (NeuronError error : catalogue.neuronErrors().all()) {
      page.append(
          "| %s | %s | %s | %s | %s |\n"
              .formatted(
                  error.type(),
                  error.label(),
                  error.rule().orElse("none"),
                  catalogue.severity(ErrorCode.neuron(error.type())),
                  error.meaning()));
    }
    return page.toString();
  }

  private static String row(Rule rule) throws IOException {
    String[] columns = columns(rule.id());
    return "| %s | %d | %s | %s | `%s` | %s | %s%s | %s | %s | %s | `%s`: %s | %s |\n"
        .formatted(
            name(rule),
            rule.version(),
            rule.source(),
            rule.check(),
            columns[4].replace("|", "\\|"),
            columns[5].equals("0s") ? "at once" : columns[5],
            rule.verdict().word(),
            rule.observeOnly() ? " (observed only)" : "",
            rule.severity(),
            rule.advice().word(),
            rule.scope().word(),
            columns[6],
            rule.endsInWords(),
            rule.reference());
  }

  /** With a link to its runbook, where one is written. */
  private static String name(Rule rule) {
    boolean written = Files.exists(PAGE.resolveSibling("runbooks").resolve(rule.runbook()));
    return written ? "[%s](runbooks/%s)".formatted(rule.id(), rule.runbook()) : rule.id();
  }

  /** The rule as the table has it, because a condition is best shown as it is written. */
  private static String[] columns(String id) throws IOException {
    List<String> lines = Tables.lines("rules.tsv");
    return lines.stream()
        .map(line -> line.split("\t", -1))
        .filter(row -> row[0].equals(id))
        .findFirst()
        .orElseThrow();
  }
}
