import { type Html, html } from './html.ts';

/**
 * Serves as the script of every page. Nothing depends on it, and it sends nothing by itself. It shows what is going on
 * after a press, keeps a second press from sending the same form again (which would abort a download that is about to
 * start), and shows moments in the reader's own time zone. The template has no values, so its hash is that of exactly
 * these bytes. After 4 s without another page, a download has in all likelihood begun. After 30 s a request is
 * certainly over, because API Gateway waits for 29 s, and the button is back. A pressed button is not disabled, which
 * would take the keyboard's focus away. A page that the browser restores from its back/forward cache has its button
 * back.
 */
export const script: Html = html`
(function(){
function say(form,state,words){
var button=form.querySelector('button'),status=form.querySelector('[role=status]');
if(!button.dataset.label)button.dataset.label=button.textContent;
button.textContent=state==='working'?status.dataset.button:button.dataset.label;
status.textContent=words||'';
if(state)button.setAttribute('aria-disabled','true');else button.removeAttribute('aria-disabled');
}
var timers=[];
addEventListener('submit',function(event){
var form=event.target,status=form.querySelector('[role=status]');
if(!status)return;
if(form.querySelector('[aria-disabled]')){event.preventDefault();return}
var words=status.dataset;
say(form,'working',words.working);
if(words.started)timers.push(setTimeout(say,4000,form,'started',words.started));
timers.push(setTimeout(say,30000,form,'',words.started));
});
addEventListener('pageshow',function(event){
if(!event.persisted)return;
timers.splice(0).forEach(clearTimeout);
document.querySelectorAll('[role=status]').forEach(function(status){say(status.parentNode,'')});
});
document.querySelectorAll('time').forEach(function(time){
time.title=time.textContent;
time.textContent=new Date(time.dateTime).toLocaleString(document.documentElement.dataset.locale,{day:'numeric',month:'long',year:'numeric',hour:'2-digit',minute:'2-digit',timeZoneName:'short'}).replace(' at ',', ');
});
})();
`;
