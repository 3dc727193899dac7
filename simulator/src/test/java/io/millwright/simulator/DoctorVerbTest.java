package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** {@code agent doctor} on a simulated node, as a process of its own and without an agent. */
class DoctorVerbTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void checksTheMachineWithoutAnAgentAndWritesABundle() throws Exception {
    SimulatedNode node = AgentProcess.simulated("profile b200", "seed 7");
    Path directory = Scratch.directory("mw-doctor");
    Path file = directory.resolve("well.zip");

    Said well = doctor(directory, node, "-o", "json", "--bundle", file.toString());

    JsonNode checks = JSON.readTree(well.out()).path("checks");
    check(checks, "devices", "ok", "8 of 8 accelerators answer");
    check(checks, "links", "ok", "all 144 links are up");
    check(checks, "pcie", "ok", "all 8 have their full width");
    check(checks, "firmware", "ok", "one set");
    check(checks, "page", "skipped", "the system chooses its port");
    assertThat(well.said()).contains("bundle " + file);
    assertThat(file).isNotEmptyFile();
    assertThat(well.code()).isIn(0, 10, 11); // this machine's own clock and disks count too

    // the simulated library lives in the doctor's own process, so that its faults are there at once
    SimulatedNode broken =
        AgentProcess.simulated("profile b200", "seed 7", "fault 3 link 2 down", "fault 5 lost");
    Said ill = doctor(directory, broken, "--set", "nvidia.expected_accelerators=8");

    assertThat(ill.code()).isEqualTo(11);
    assertThat(ill.out()).contains("accelerator 3 has 17 of 18 nvlink up").contains("fix: see the");
    assertThat(ill.out()).contains("7 accelerators are there and 8 are expected");
    assertThat(doctor(directory, node, "--bundle", file.toString()).said())
        .contains("is refused, as it is there already");
  }

  private static void check(JsonNode checks, String name, String outcome, String found) {
    for (JsonNode check : checks) {
      if (check.path("check").asText().equals(name)) {
        assertThat(check.path("found").asText()).as(name).contains(found);
        assertThat(check.path("outcome").asText()).as(check.toString()).isEqualTo(outcome);
        return;
      }
    }
    throw new AssertionError("no check " + name + " in " + checks);
  }

  /** What it printed, said beside that, and ended with. */
  private record Said(int code, String out, String said) {}

  private static Said doctor(Path directory, SimulatedNode node, String... words) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(AgentProcess.flags());
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            "io.millwright.agent.Main",
            "agent",
            "doctor",
            "--set",
            "listen=127.0.0.1:0",
            "--set",
            "neuron.enabled=false",
            "--set",
            "nvidia.library=" + node.library(),
            "--set",
            "health.kernel_log="));
    command.addAll(List.of(words));
    File out = Files.createTempFile(directory, "out", "").toFile();
    File said = Files.createTempFile(directory, "said", "").toFile();
    ProcessBuilder builder = new ProcessBuilder(command).redirectOutput(out).redirectError(said);
    builder.environment().keySet().removeIf(word -> word.startsWith("MILLWRIGHT_"));
    Process process = builder.start();
    try {
      assertThat(process.waitFor(90, TimeUnit.SECONDS)).as("it ends").isTrue();
    } finally {
      process.destroyForcibly();
    }
    return new Said(
        process.exitValue(), Files.readString(out.toPath()), Files.readString(said.toPath()));
  }
}
