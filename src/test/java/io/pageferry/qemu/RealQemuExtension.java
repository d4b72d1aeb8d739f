package io.pageferry.qemu;

import java.util.Optional;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** What {@link RealQemu} does. A condition can skip and not fail, so the failing is in a callback of its own. */
final class RealQemuExtension implements ExecutionCondition, BeforeAllCallback {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        Optional<String> problem = problem(context);
        return problem.isPresent() && !QemuInstallation.isRequired(requireVariable(context))
                ? ConditionEvaluationResult.disabled(problem.get())
                : ConditionEvaluationResult.enabled("QEMU is there, or its absence a failure");
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        problem(context).ifPresent(problem -> {
            throw new IllegalStateException(requireVariable(context) + "=1, and this " + problem);
        });
    }

    private static Optional<String> problem(ExtensionContext context) {
        return isWithCodecs(context) ? QemuInstallation.problemWithCodecs() : QemuInstallation.problem();
    }

    private static String requireVariable(ExtensionContext context) {
        return isWithCodecs(context) ? QemuInstallation.REQUIRE_CODECS_VARIABLE : QemuInstallation.REQUIRE_VARIABLE;
    }

    private static boolean isWithCodecs(ExtensionContext context) {
        return AnnotationSupport.findAnnotation(context.getRequiredTestClass(), RealQemu.class)
                .map(RealQemu::withCodecs)
                .orElse(false); // of a class above it
    }
}
