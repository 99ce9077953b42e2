import type { ButtonHTMLAttributes, ReactNode } from "react";
import { Icon, type IconName } from "./icons";

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: "main" | "danger" | "plain" | undefined;
  icon?: IconName | undefined;
  children?: ReactNode;
}

/** A button; with an icon only, `aria-label` names it and is shown on hover. */
export function Button({ look, icon, children, className = "", type = "button", ...rest }: Props) {
  const classes = ["button", look ?? "", icon && children === undefined ? "icon" : "", className].filter(Boolean).join(" ");
  return (
    <button type={type} className={classes} title={children === undefined ? rest["aria-label"] : undefined} {...rest}>
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}
