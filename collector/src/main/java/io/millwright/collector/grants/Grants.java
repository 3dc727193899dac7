package io.millwright.collector.grants;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Who may run jobs as which unix users, booked on which projects. The node's own policy has the
 * last word. Immutable.
 *
 * @param principals by the name of a token
 */
public record Grants(Map<String, Grant> principals) {
  /** Stands for every user, or for every project. */
  static final String ANY = "*";

  public Grants {
    principals = Map.copyOf(principals);
  }

  /**
   * Of one principal.
   *
   * @param users unix users, the first where a job names none; {@code *} alone for every one
   * @param projects none where jobs name none; {@code *} alone for every one, and for none
   */
  public record Grant(List<String> users, List<String> projects) {
    public Grant {
      users = List.copyOf(users);
      projects = List.copyOf(projects);
    }

    boolean mayRunAs(String user) {
      return users.contains(ANY) || users.contains(user);
    }

    private boolean mayBookOn(String project) {
      return projects.contains(ANY)
          || (projects.isEmpty() ? project.isEmpty() : projects.contains(project));
    }
  }

  /** As whom a job of a principal runs that names nobody: as himself where he may. */
  public String userOf(String principal) {
    return Optional.ofNullable(principals.get(principal))
        .filter(grant -> !grant.mayRunAs(principal))
        .map(grant -> grant.users().getFirst())
        .orElse(principal);
  }

  /** Whether a principal may run jobs as this user. */
  public boolean mayRunAs(String principal, String user) {
    return Optional.ofNullable(principals.get(principal))
        .filter(grant -> grant.mayRunAs(user))
        .isPresent();
  }

  /** Why a job is refused to a principal, in one sentence; empty where it is not. */
  public Optional<String> refusal(String principal, String user, String project) {
    Grant grant = principals.get(principal);
    if (grant == null) {
      return Optional.of(
          "principal: '%s' is refused; the site's grants do not name it: have it entered there"
              .formatted(principal));
    }
    if (!grant.mayRunAs(user)) {
      return Optional.of(
          "user: '%s' is refused; jobs of %s run as %s"
              .formatted(user, principal, words(grant.users())));
    }
    return grant.mayBookOn(project)
        ? Optional.empty()
        : Optional.of(
            "project: '%s' is refused; jobs of %s are booked on %s"
                .formatted(project, principal, words(grant.projects())));
  }

  private static String words(List<String> names) {
    return names.isEmpty() ? "none" : String.join(", ", names);
  }
}
